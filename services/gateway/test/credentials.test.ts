/** A key may stand in many places; in none of them may it get any further than the gateway. */
import assert from 'node:assert/strict';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { testKey } from './support/key.ts';
import { parseAnswer, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

describe('credentials', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let key: string;
  let basic: string;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(302, { Location: incoming.url ?? '' }).end();
    });
    gateway = await startGateway({ upstreamUrl: upstream.url });
    key = gateway.key.key;
    basic = Buffer.from(`ada:${key}`).toString('base64');
  });
  after(async () => {
    await gateway.close();
    await upstream.close();
  });

  const send = (target: string, ...lines: string[]) =>
    sendRaw(
      gateway.port,
      [`GET ${target} HTTP/1.1`, 'Host: x', 'Connection: close', ...lines, '', ''].join('\r\n'),
    );
  /** Everything but the secret part may be seen; no spelling of that may. */
  const assertNowhere = (answered: string) => {
    const secret = key.slice(20);
    const everything = {
      upstream: upstream.received(),
      log: gateway.log.join(''),
      usage: JSON.stringify(gateway.usage),
      refusals: JSON.stringify([gateway.refusals, gateway.anonymous]),
      answer: answered,
    };
    for (const [where, text] of Object.entries(everything)) {
      for (const spelling of [secret, secret.slice(8, 24), basic.slice(-40, -4)])
        assert.ok(!text.includes(spelling), `${where} holds ${spelling}`);
    }
  };

  const path = '/mlflow/api/2.0/mlflow/runs/get';
  const accepted: [name: string, target: (key: string) => string, lines: (key: string) => string[]][] = [
    ['Bearer', () => path, (k) => [`Authorization: Bearer ${k}`]],
    ['bearer', () => path, (k) => [`authorization: bearer ${k}`]],
    ['no scheme', () => path, (k) => [`AUTHORIZATION: ${k}`]],
    ['Basic', () => path, () => [`Authorization: Basic ${basic}`]],
    ['X-API-Key', () => path, (k) => [`x-api-KEY: ${k}`]],
    ['query', (k) => `${path}?a=1&api_key=${k}&b=%20`, () => []],
    ['query with an encoded name', (k) => `${path}?%61pi_key=${k}`, () => []],
    ['query, encoded', (k) => `${path}?api_key=${k.replaceAll('_', '%5F')}`, () => []],
    [
      'the same in several places',
      (k) => `${path}?api_key=${k}`,
      (k) => [`X-API-Key: ${k}`, `Authorization: Bearer ${k}`],
    ],
    [
      'and a Referer',
      () => path,
      (k) => [`Authorization: Bearer ${k}`, `Referer: http://x${path}?api_key=${k}`],
    ],
    [
      'and an encoded Referer',
      () => path,
      (k) => [`X-API-Key: ${k}`, `Referer: http://x/?api_key=${k.replaceAll('_', '%5f')}`],
    ],
    ['and a Cookie', () => path, (k) => [`Authorization: Bearer ${k}`, `Cookie: token=${k}`]],
    ['and Proxy-Authorization', () => path, (k) => [`X-API-Key: ${k}`, `Proxy-Authorization: Bearer ${k}`]],
    ['and underscores', () => path, (k) => [`Authorization: Bearer ${k}`, `X_API_Key: ${k}`]],
    ['with Expect', () => path, (k) => [`Authorization: Bearer ${k}`, 'Expect: 100-continue']],
    ['listed in Connection', () => path, (k) => [`Authorization: Bearer ${k}`, 'Connection: Authorization']],
  ];
  for (const [name, target, lines] of accepted) {
    it(`lets a key in: ${name}`, async () => {
      const before = upstream.requests.length;
      const answered = await send(target(key), ...lines(key));
      assert.equal(parseAnswer(answered.replace(/^HTTP\/1\.1 100 .*?\r\n\r\n/s, '')).status, 302, answered);
      assert.equal(upstream.requests.length, before + 1);
      assertNowhere(answered);
    });
  }

  it('leaves the rest of the query as it was', async () => {
    await send(`${path}?a=%7e&api_key=${key}&&b=+&c`);
    assert.equal(upstream.requests.at(-1)?.url, '/api/2.0/mlflow/runs/get?a=%7e&&b=+&c');
    await send(`${path}?api_key=${key}`);
    assert.equal(upstream.requests.at(-1)?.url, '/api/2.0/mlflow/runs/get');
  });

  for (const [place, target] of [
    ['another parameter', () => `${path}?note=${key}`],
    ['an artifact path', () => `/mlflow/api/2.0/mlflow-artifacts/artifacts/${key.replaceAll('_', '%5F')}`],
    ['the query of a public route', () => `/mlflow/health?a=1;api_key=${key}`],
  ] as const) {
    it(`goes no further in ${place}`, async () => {
      const before = upstream.requests.length;
      const answered = await send(target(), `Authorization: Bearer ${key}`);
      assert.equal(JSON.parse(parseAnswer(answered).body).type, 'urn:hokusai:error:misplaced_key');
      assert.equal(upstream.requests.length, before);
      assertNowhere(answered);
    });
  }

  it('goes no further on a public route either', async () => {
    const answered = await send(
      `/mlflow/health?api_key=${key}`,
      `Authorization: Basic ${basic}`,
      `X-API-Key: ${key}`,
    );
    assert.equal(parseAnswer(answered).status, 302);
    assertNowhere(answered);
  });

  const refused: [name: string, status: number, reason: string, lines: () => string[]][] = [
    ['no key', 401, 'key_missing', () => []],
    ['another token', 401, 'key_malformed', () => ['Authorization: Bearer eyJhbGciOi']],
    ['a key that is cut off', 401, 'key_malformed', () => [`Authorization: Bearer ${key.slice(0, 50)}`]],
    ['another scheme', 401, 'key_malformed', () => ['Authorization: Digest x']],
    ['an unknown key', 401, 'unknown_key', () => [`Authorization: Bearer ${testKey().key}`]],
    [
      'two different keys',
      400,
      'several_keys',
      () => [`Authorization: Bearer ${key}`, `X-API-Key: ${testKey().key}`],
    ],
    [
      'two Authorization headers',
      400,
      'several_keys',
      () => [`Authorization: Bearer ${key}`, `Authorization: Bearer ${testKey().key}`],
    ],
  ];
  for (const [name, status, reason, lines] of refused) {
    it(`refuses ${name} with ${status}, says why, and repeats nothing`, async () => {
      gateway.anonymous.length = 0;
      gateway.refusals.length = 0;
      const before = upstream.requests.length;
      const answered = await send(path, ...lines());
      const answer = parseAnswer(answered);
      assert.equal(answer.status, status);
      const body = JSON.parse(answer.body);
      assert.equal(body.type, `urn:hokusai:error:${reason}`);
      assert.equal(body.status, status);
      assert.ok(body.message.includes(body.request_id) && body.message.includes(body.detail));
      assert.equal(answer.headers['x-request-id'], body.request_id);
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(upstream.requests.length, before);
      assert.deepEqual(gateway.anonymous, [{ reason, clientIp: '127.0.0.1' }]);
      assert.equal(gateway.refusals[0]?.reason, reason);
      assertNowhere(answered);
    });
  }

  it('are not taken from the query where that is turned off', async () => {
    const strict = await startGateway({ upstreamUrl: upstream.url, takesKeyInQuery: false });
    try {
      const response = await fetch(`${strict.url}${path}?api_key=${strict.key.key}`);
      assert.equal(response.status, 401);
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.equal(response.headers.get('referrer-policy'), 'no-referrer');
    } finally {
      await strict.close();
    }
  });
});
