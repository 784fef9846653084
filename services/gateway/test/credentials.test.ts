/** What becomes of a key, and what its bearer is told. Where else it must not get stands in `traps/credentials.ts`. */
import assert from 'node:assert/strict';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { testKey } from './support/key.ts';
import { parseAnswer, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

describe('credentials', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let key: string;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      incoming.resume();
      outgoing.writeHead(302, { Location: incoming.url ?? '' }).end();
    });
    gateway = await startGateway({ upstreamUrl: upstream.url });
    key = gateway.key.key;
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
  const path = '/mlflow/api/2.0/mlflow/runs/get';

  it('leaves the rest of the query as it was', async () => {
    await send(`${path}?a=%7e&api_key=${key}&&b=+&c`);
    assert.equal(upstream.requests.at(-1)?.url, '/api/2.0/mlflow/runs/get?a=%7e&&b=+&c');
    await send(`${path}?api_key=${key}`);
    assert.equal(upstream.requests.at(-1)?.url, '/api/2.0/mlflow/runs/get');
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
