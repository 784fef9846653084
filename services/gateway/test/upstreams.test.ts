/** Upstreams besides MLflow, as the configuration describes them. */
import assert from 'node:assert/strict';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { testKey } from './support/key.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';
import { rowsOf } from './support/upstream-rows.ts';

describe('the table of upstreams', () => {
  let mlflow: HttpUpstream;
  let live: HttpUpstream;
  let test: HttpUpstream;
  let gateway: TestGateway;

  before(async () => {
    const serving = (name: string) =>
      startHttpUpstream((incoming, outgoing) => {
        incoming.resume();
        outgoing.setHeader('Content-Security-Policy', 'of the upstream');
        outgoing.end(name);
      });
    [mlflow, live, test] = await Promise.all([serving('mlflow'), serving('live'), serving('test')]);
    const simple = { target: live.url, read_scope: 'mlflow:read', write_scope: 'mlflow:delete' };
    gateway = await startGateway({
      upstreamUrl: mlflow.url,
      publicOrigins: ['http://gateway.example'],
      rows: rowsOf(
        {
          ...{ id: 'features', name: 'Feature store', prefix: '/team/features' },
          ...{ target: `${live.url}/base`, test_target: test.url, authorization: 'Bearer of-the-gateway' },
          rules: [
            { methods: ['GET'], paths: ['/health'], scope: 'public' },
            { paths: ['/admin/**'], scope: 'refused' },
            { methods: ['GET', 'HEAD'], paths: ['/v1/**'], scope: 'mlflow:read' },
            { methods: ['POST'], paths: ['/v1/items/*'], scope: 'mlflow:invoke' },
          ],
          endpoints: ['/v1/items/{id}'],
        },
        { ...simple, id: 'live-only', prefix: '/live', environments: ['live'] },
        { ...simple, id: 'test-only', prefix: '/test', environments: ['test'], target: test.url },
        { id: 'open', prefix: '/open', target: live.url, auth: 'none' },
        { id: 'second', prefix: '/mlflow-2', target: live.url, kind: 'mlflow' },
      ),
    });
  });
  after(async () => {
    await gateway.close();
    await Promise.all([mlflow.close(), live.close(), test.close()]);
  });

  const ask = (path: string, { key = gateway.key.key, ...init }: RequestInit & { key?: string } = {}) =>
    fetch(gateway.url + path, { ...init, headers: { authorization: `Bearer ${key}`, ...init.headers } });
  const reasonOf = async (response: Response) => {
    const { type, message } = (await response.json()) as { type: string; message: string };
    return { status: response.status, reason: type.replace('urn:hokusai:error:', ''), message };
  };

  it('sends what lies below a prefix to its target, below the path of that, with its credential', async () => {
    gateway.usage.length = 0;
    assert.equal(await (await ask('/team/features/v1/items/7?a=%20')).text(), 'live');
    const got = live.requests.at(-1);
    assert.equal(got?.url, '/base/v1/items/7?a=%20');
    assert.equal(got?.headers.authorization, 'Bearer of-the-gateway');
    assert.equal(got?.headers['x-forwarded-prefix'], '/team/features');
    assert.deepEqual(
      gateway.usage.map(({ upstream, endpoint }) => [upstream, endpoint]),
      [['features', '/v1/items/{id}']],
    );
  });

  it('leaves MLflow where it is', async () => {
    assert.equal(await (await ask('/mlflow/api/2.0/mlflow/runs/get')).text(), 'mlflow');
  });

  it('asks for the scopes of its rules, and serves only what they name', async () => {
    const { key } = gateway.add(testKey({ scopes: ['mlflow:read'] }));
    assert.equal((await ask('/team/features/v1/items/7', { key })).status, 200);
    const { status, reason, message } = await reasonOf(
      await ask('/team/features/v1/items/7', { key, method: 'POST', body: '{}' }),
    );
    assert.deepEqual([status, reason], [403, 'scope_missing']);
    assert.match(message, /mlflow:invoke/);
    assert.equal((await fetch(`${gateway.url}/team/features/health`)).status, 200);
    assert.equal((await fetch(`${gateway.url}/team/features/v1/items/7`)).status, 401);
    for (const [path, expected] of [
      ['/team/features/v2', /^Feature store has no such route/],
      ['/team/features/', /^Feature store has no such route/],
    ] as const) {
      const refused = await reasonOf(await ask(path));
      assert.deepEqual([refused.status, refused.reason], [404, 'unknown_route']);
      assert.match(refused.message, expected);
    }
    const off = await reasonOf(await ask('/team/features/admin/x'));
    assert.deepEqual([off.status, off.reason], [403, 'route_switched_off']);
  });

  it('asks for one scope to read and another to write where that is all it says', async () => {
    const { key } = gateway.add(testKey({ scopes: ['mlflow:read'] }));
    assert.equal((await ask('/live/', { key })).status, 200);
    assert.equal((await ask('/live/x', { key, method: 'DELETE' })).status, 403);
    assert.equal((await ask('/live/x', { method: 'DELETE' })).status, 200);
  });

  it('sends test keys to their target, and nowhere where there is none for them', async () => {
    const { key } = gateway.add(testKey({ environment: 'test' }));
    assert.equal(await (await ask('/team/features/v1/x', { key })).text(), 'test');
    assert.equal(await (await ask('/test/x', { key })).text(), 'test');
    const refused = await reasonOf(await ask('/live/x', { key }));
    assert.deepEqual([refused.status, refused.reason], [403, 'environment_not_served']);
    assert.match(refused.message, /^live-only is not for test keys/);
    assert.equal((await reasonOf(await ask('/test/x'))).reason, 'environment_not_served');
  });

  it('needs no key where the row says so, and passes none on', async () => {
    const response = await fetch(`${gateway.url}/open/any/thing`, { method: 'POST', body: 'x' });
    assert.equal(response.status, 200);
    await ask('/open/x');
    assert.equal(live.requests.at(-1)?.headers.authorization, undefined);
    const forged = await fetch(`${gateway.url}/open/x`, {
      method: 'POST',
      body: 'x',
      headers: { origin: 'http://foreign.example' },
    });
    assert.equal((await reasonOf(forged)).reason, 'foreign_origin');
  });

  it('serves another MLflow by the rules of MLflow', async () => {
    const { key } = gateway.add(testKey({ scopes: ['mlflow:read'] }));
    assert.equal((await ask('/mlflow-2/api/2.0/mlflow/runs/get', { key })).status, 200);
    const write = await ask('/mlflow-2/api/2.0/mlflow/runs/create', { key, method: 'POST', body: '{}' });
    assert.equal(write.status, 403);
    const file = await ask('/mlflow-2/get-artifact?path=x');
    assert.equal(file.headers.get('content-security-policy'), 'sandbox');
    const other = await ask('/live/get-artifact?path=x');
    assert.equal(other.headers.get('content-security-policy'), 'of the upstream');
  });

  it('redirects a prefix into it', async () => {
    const response = await ask('/team/features?a', { redirect: 'manual' });
    assert.equal(response.status, 308);
    assert.equal(response.headers.get('location'), '/team/features/?a');
    assert.equal((await ask('/team/')).status, 404);
  });
});
