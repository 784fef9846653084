/** Whose word on the client counts: nobody's but a trusted proxy's. */
import assert from 'node:assert/strict';
import { eventually } from '@hokusai/testing';
import { startGateway, type TestGateway, type TestGatewayOptions } from './support/gateway.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const READ = '/mlflow/api/2.0/mlflow/runs/get';

describe('the way from the client', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway | undefined;

  before(async () => {
    upstream = await startHttpUpstream((_, outgoing) => outgoing.writeHead(302, { Location: '/x' }).end());
  });
  afterEach(async () => {
    await gateway?.close();
    gateway = undefined;
  });
  after(() => upstream.close());

  async function ask(options: Partial<TestGatewayOptions>, headers: Record<string, string>, path = READ) {
    gateway = await startGateway({ upstreamUrl: upstream.url, ...options });
    const { url, key } = gateway;
    const all = { authorization: `Bearer ${key.key}`, ...headers };
    return await fetch(url + path, { headers: all, redirect: 'manual' });
  }
  const got = () => upstream.requests.at(-1)?.headers ?? {};

  const trusted: Partial<TestGatewayOptions> = {
    trustedProxies: ['loopback', '10.0.0.0/8'],
    allowInsecureHttp: 'any',
  };
  const chains: [name: string, stated: string | null, clientIp: string, passedOn: string][] = [
    ['one proxy', '203.0.113.9', '203.0.113.9', '203.0.113.9, 127.0.0.1'],
    ['two proxies', '203.0.113.9, 10.1.2.3', '203.0.113.9', '203.0.113.9, 10.1.2.3, 127.0.0.1'],
    ['a forged beginning', '6.6.6.6, 203.0.113.9', '203.0.113.9', '203.0.113.9, 127.0.0.1'],
    ['an IPv6 client', '2001:db8::1', '2001:db8::1', '2001:db8::1, 127.0.0.1'],
    ['a mapped IPv4 client', '::ffff:203.0.113.9', '203.0.113.9', '203.0.113.9, 127.0.0.1'],
    ['a client with its port', '203.0.113.9:51234', '203.0.113.9', '203.0.113.9, 127.0.0.1'],
    ['an IPv6 client with its port', '[2001:db8::1]:99', '2001:db8::1', '2001:db8::1, 127.0.0.1'],
    ['an IPv6 client in brackets', '[2001:db8::1]', '2001:db8::1', '2001:db8::1, 127.0.0.1'],
    [
      'a proxy with its port',
      '6.6.6.6, 203.0.113.9:1, 10.1.2.3:443',
      '203.0.113.9',
      '203.0.113.9, 10.1.2.3, 127.0.0.1',
    ],
    ['no client but proxies', '10.1.2.3', '10.1.2.3', '10.1.2.3, 127.0.0.1'],
    ['something that is no address', 'localhost', 'unknown', 'unknown, 127.0.0.1'],
    [
      'something that is no address, behind a proxy',
      '_hidden, 10.1.2.3',
      'unknown',
      'unknown, 10.1.2.3, 127.0.0.1',
    ],
    ['no address behind what a client may have written', '203.0.113.9, x', 'unknown', 'unknown, 127.0.0.1'],
    ['an empty entry', '203.0.113.9, ', 'unknown', 'unknown, 127.0.0.1'],
    ['an empty list', '', 'unknown', 'unknown, 127.0.0.1'],
    ['no port', '203.0.113.9:', 'unknown', 'unknown, 127.0.0.1'],
    ['a port that is none', '203.0.113.9:http', 'unknown', 'unknown, 127.0.0.1'],
    ['a bracket too few', '[2001:db8::1', 'unknown', 'unknown, 127.0.0.1'],
    ['no statement', null, '127.0.0.1', '127.0.0.1'],
  ];
  for (const [name, stated, clientIp, passedOn] of chains) {
    it(`is believed of trusted proxies: ${name}`, async () => {
      await ask(trusted, stated === null ? {} : { 'x-forwarded-for': stated });
      await eventually(() => assert.equal(gateway?.usage[0]?.client_ip, clientIp));
      assert.equal(got()['x-forwarded-for'], passedOn);
    });
  }

  it('has the scheme, the host and the prefix that the nearest proxy states', async () => {
    const response = await ask(trusted, {
      'x-forwarded-proto': 'http, https',
      'x-forwarded-host': 'evil.example, mlflow.example:8443',
      'x-forwarded-prefix': '/team/',
      'x-forwarded-port': '8443',
      forwarded: 'for=203.0.113.9',
    });
    assert.equal(got()['x-forwarded-proto'], 'https');
    assert.equal(got()['x-forwarded-host'], 'mlflow.example:8443');
    assert.equal(got()['x-forwarded-prefix'], '/team/mlflow');
    assert.equal(got()['x-forwarded-port'], '8443');
    assert.equal(got()['forwarded'], 'for=203.0.113.9');
    assert.equal(response.headers.get('location'), '/team/mlflow/x');
  });

  it('leaves a refused client that nobody can tell without an address, everywhere', async () => {
    const headers = { 'x-forwarded-for': 'garbage' };
    await ask(trusted, { ...headers, authorization: 'Bearer nonsense' });
    assert.deepEqual(gateway?.anonymous, [{ reason: 'key_malformed', clientIp: 'unknown' }]);
    assert.deepEqual(
      gateway?.refusals.map(({ clientIp }) => clientIp),
      ['unknown'],
    );
  });

  it('is believed of nobody else', async () => {
    await ask(
      { trustedProxies: ['10.0.0.0/8'] },
      { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
    );
    await eventually(() => assert.equal(gateway?.usage[0]?.client_ip, '127.0.0.1'));
    assert.equal(got()['x-forwarded-for'], '127.0.0.1');
    assert.equal(got()['x-forwarded-proto'], 'http');
  });

  describe('must not be plain HTTP for a key', () => {
    const cases: [
      name: string,
      options: Partial<TestGatewayOptions>,
      headers: Record<string, string>,
      status: number,
    ][] = [
      ['from this machine', {}, {}, 302],
      ['from this machine, where that is forbidden', { allowInsecureHttp: 'never' }, {}, 403],
      [
        'behind a proxy that says http',
        { trustedProxies: ['loopback'] },
        { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' },
        403,
      ],
      [
        'behind a proxy that says nothing',
        { trustedProxies: ['loopback'] },
        { 'x-forwarded-for': '203.0.113.9' },
        403,
      ],
      [
        'behind a proxy that says of its client nothing that can be read',
        { trustedProxies: ['loopback'] },
        { 'x-forwarded-for': 'garbage' },
        403,
      ],
      [
        'behind a proxy that says https',
        { trustedProxies: ['loopback'], allowInsecureHttp: 'never' },
        { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' },
        302,
      ],
      ['where a client says https', { allowInsecureHttp: 'never' }, { 'x-forwarded-proto': 'https' }, 403],
      [
        'from anywhere, where that is allowed',
        { trustedProxies: ['loopback'], allowInsecureHttp: 'any' },
        { 'x-forwarded-for': '203.0.113.9' },
        302,
      ],
    ];
    for (const [name, options, headers, status] of cases) {
      it(`${name}: ${status}`, async () => {
        const response = await ask(options, headers);
        assert.equal(response.status, status);
        if (status !== 403) return;
        const { type, message } = (await response.json()) as Record<string, string>;
        assert.equal(type, 'urn:hokusai:error:insecure_transport');
        assert.match(message ?? '', /https:\/\//);
      });
    }

    it('on the management API neither', async () => {
      assert.equal((await ask({ allowInsecureHttp: 'never' }, {}, '/api/v1/auth/whoami')).status, 403);
    });

    it('while what needs no key may be', async () => {
      assert.equal((await ask({ allowInsecureHttp: 'never' }, {}, '/mlflow/health')).status, 302);
    });
  });
});
