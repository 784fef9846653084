/** From where keys work: through a real gateway and keys service, by real peers, proxies among them. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { type RealApi, startRealApi } from '../support/real-api.ts';

const PROXY = '127.0.0.1';
const STRANGER = '127.0.0.2';

interface From {
  /** Address of the socket. */
  peer: string;
  forwardedFor?: string;
}

describe('allow lists', function () {
  this.timeout(60_000);
  let api: RealApi;

  before(async () => {
    // A socket for both families, so that its IPv4 peers are `::ffff:a.b.c.d`; from this machine only.
    api = await startRealApi({
      GATEWAY_HOST: `::ffff:${PROXY}`,
      TRUSTED_PROXIES: `${PROXY},10.0.0.0/8`,
      ALLOW_INSECURE_HTTP: 'any',
    });
  });
  after(() => api?.close());

  function ask(method: string, path: string, key: string, from: From, body?: object) {
    const { promise, resolve, reject } = Promise.withResolvers<{
      status: number;
      json: Record<string, unknown>;
    }>();
    const headers: Record<string, string> = { authorization: `Bearer ${key}` };
    if (from.forwardedFor !== undefined) headers['x-forwarded-for'] = from.forwardedFor;
    if (body) headers['content-type'] = 'application/json';
    const { port } = api;
    const options = { method, path, headers, host: PROXY, port, localAddress: from.peer, agent: false };
    const outgoing = request(options, async (incoming) => {
      const chunks = await incoming.toArray();
      resolve({ status: incoming.statusCode ?? 0, json: JSON.parse(Buffer.concat(chunks).toString()) });
    });
    outgoing.on('error', reject).end(body && JSON.stringify(body));
    return promise;
  }

  async function keyFor(allowed_ips: string[] | null): Promise<string> {
    const body = { name: 'somewhere', allowed_ips, scopes: ['keys:read', 'keys:write'] };
    const { status, json } = await ask('POST', '/api/v1/auth/keys', api.adminKey, { peer: PROXY }, body);
    assert.equal(status, 201, JSON.stringify(json));
    return String(json['key']);
  }

  const cases: [name: string, allowed: string[], from: From, isAllowed: boolean][] = [
    ['a peer in the list', ['127.0.0.2/32'], { peer: STRANGER }, true],
    ['a peer outside', ['127.0.0.3'], { peer: STRANGER }, false],
    ['a block written as IPv4 in IPv6', ['::ffff:127.0.0.0/104'], { peer: STRANGER }, true],
    ['IPv6 blocks and an IPv4 peer', ['::/0'], { peer: STRANGER }, false],
    [
      'a forged header of a stranger',
      ['203.0.113.9'],
      { peer: STRANGER, forwardedFor: '203.0.113.9' },
      false,
    ],
    ['a stranger that hides behind a header', [STRANGER], { peer: STRANGER, forwardedFor: '6.6.6.6' }, true],
    ['a client behind the proxy', ['203.0.113.0/24'], { peer: PROXY, forwardedFor: '203.0.113.9' }, true],
    ['the proxy, where its client is meant', [PROXY], { peer: PROXY, forwardedFor: '203.0.113.9' }, false],
    [
      'a client that forges the beginning',
      ['203.0.113.9'],
      { peer: PROXY, forwardedFor: '203.0.113.9, 198.51.100.7' },
      false,
    ],
    [
      'a client behind two proxies',
      ['198.51.100.7'],
      { peer: PROXY, forwardedFor: '6.6.6.6, 198.51.100.7, 10.1.2.3' },
      true,
    ],
    ['an IPv6 client', ['2001:db8::/32'], { peer: PROXY, forwardedFor: '2001:DB8:0:0::7' }, true],
    ['an IPv6 client outside', ['2001:db8::/32'], { peer: PROXY, forwardedFor: '2001:db9::7' }, false],
    ['a client as IPv4 in IPv6', ['203.0.113.9'], { peer: PROXY, forwardedFor: '::ffff:203.0.113.9' }, true],
    ['the same in hexadecimal', ['203.0.113.9'], { peer: PROXY, forwardedFor: '::FFFF:cb00:7109' }, true],
    ['a client with its port', ['203.0.113.9'], { peer: PROXY, forwardedFor: '203.0.113.9:1234' }, true],
    [
      'an IPv6 client with its port',
      ['2001:db8::1'],
      { peer: PROXY, forwardedFor: '[2001:db8::1]:99' },
      true,
    ],
    ['the port of another client', [PROXY], { peer: PROXY, forwardedFor: '203.0.113.9:1234' }, false],
    ['the proxy without a client', [PROXY], { peer: PROXY }, true],
  ];
  const anywhere = ['0.0.0.0/0', '::/0', PROXY, '10.0.0.0/8'];
  for (const forwardedFor of [
    'localhost',
    'unknown',
    '',
    '203.0.113.9x',
    '203.0.113.9, ',
    '6.6.6.6, x, 10.1.2.3',
  ])
    cases.push([`a client stated as “${forwardedFor}”`, anywhere, { peer: PROXY, forwardedFor }, false]);
  for (const [name, allowed, from, isAllowed] of cases) {
    it(`${isAllowed ? 'let in' : 'keep out'} ${name}`, async () => {
      const { status, json } = await ask('GET', '/api/v1/auth/keys', await keyFor(allowed), from);
      assert.equal(status, isAllowed ? 200 : 403, JSON.stringify(json));
      if (!isAllowed) assert.equal(json['type'], 'urn:hokusai:error:address_not_allowed');
    });
  }

  it('say where to look when a client can not be told, and let it in where there is no list', async () => {
    const from = { peer: PROXY, forwardedFor: 'garbage' };
    const { json } = await ask('GET', '/api/v1/auth/keys', await keyFor([PROXY]), from);
    assert.match(String(json['detail']), /can't be told: .*X-Forwarded-For/);
    assert.ok(!String(json['detail']).includes(PROXY));
    // The audit event of it goes into the keys service's outbox with the same transaction.
    const body = { name: 'from nobody knows where', scopes: ['keys:read'] };
    assert.equal((await ask('POST', '/api/v1/auth/keys', await keyFor(null), from, body)).status, 201);
  });

  it('are handed on to keys that a restricted key creates', async () => {
    const key = await keyFor(['127.0.0.0/30']);
    const create = (allowed_ips?: string[]) =>
      ask(
        'POST',
        '/api/v1/auth/keys',
        key,
        { peer: STRANGER },
        { name: 'child', allowed_ips, scopes: ['keys:read'] },
      );
    assert.deepEqual((await create()).json['allowed_ips'], ['127.0.0.0/30']);
    assert.deepEqual((await create(['::ffff:127.0.0.2'])).json['allowed_ips'], ['127.0.0.2/32']);
    assert.equal((await create(['127.0.0.0/29'])).status, 422);
  });
});
