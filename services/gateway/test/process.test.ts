/** The gateway as a process: how it starts, how it does not, and how it stops. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { createNats, eventually, spawnService, type TestNats, type TestService } from '@hokusai/testing';
import { GATEWAY_ENTRY, gatewaySettings } from './support/gateway-process.ts';
import { rawConnection } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

describe('the process', function () {
  this.timeout(60_000);
  let upstream: HttpUpstream;
  let nats: TestNats;
  let answer: ((outgoing: ServerResponse) => void) | undefined;

  before(async () => {
    nats = await createNats();
    upstream = await startHttpUpstream((_, outgoing) =>
      answer ? answer(outgoing) : outgoing.end('healthy'),
    );
  });
  afterEach(() => {
    answer = undefined;
  });
  after(async () => {
    await upstream.close();
    await nats.close();
  });

  const settings = () => gatewaySettings({ MLFLOW_UPSTREAM_URL: upstream.url, NATS_URL: nats.urls.gateway });
  const start = (env: Record<string, string>) =>
    spawnService({ entry: GATEWAY_ENTRY, env, readyUrl: `http://127.0.0.1:${env['GATEWAY_PORT']}/livez` });
  const run = async (env: Record<string, string>) => {
    const service = await spawnService({ entry: GATEWAY_ENTRY, env, readyUrl: null });
    return { ...(await service.exited), output: service.output() };
  };

  it('names everything that is wrong with its configuration, without values, and ends with 78', async () => {
    const { code, output } = await run({
      GATEWAY_PORT: '99999',
      GATEWAY_WORKERS: 'all',
      MLFLOW_UPSTREAM_URL: 'ftp://user:hidden@x',
      ALLOW_INSECURE_HTTP: 'sometimes',
      TRUSTED_PROXIES: 'loopback, 10.0.0.0/99',
      PUBLIC_ORIGINS: 'https://x/path',
      EXCLUDED_PATHS: '/mlflow/../x',
      CACHE_SECRETS: 'short',
      KEY_TAG_SECRETS: 'nonsense',
      LOG_LEVEL: 'loud',
    });
    assert.equal(code, 78);
    const lines = output.trim().split('\n').slice(1);
    const names = lines.map((line) => line.trim().split(':')[0]).toSorted();
    assert.deepEqual(names, [
      ...[
        'ALLOW_INSECURE_HTTP',
        'AUDIT_GRPC_TOKEN',
        'AUDIT_GRPC_URL',
        'CACHE_SECRETS',
        'EXCLUDED_PATHS',
        'GATEWAY_PORT',
        'GATEWAY_WORKERS',
        'KEYS_GRPC_TOKEN',
        'KEYS_GRPC_URL',
        'KEY_TAG_SECRETS',
      ],
      ...['LOG_LEVEL', 'MLFLOW_UPSTREAM_URL', 'NATS_URL', 'PUBLIC_ORIGINS', 'REDIS_URL', 'TRUSTED_PROXIES'],
      ...['USAGE_GRPC_TOKEN', 'USAGE_GRPC_URL'],
    ]);
    assert.doesNotMatch(output, /hidden|short|nonsense/);
  });

  it('says in one line that its port is in use, and which variable changes it', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const port = String((holder.address() as AddressInfo).port);
    try {
      const { code, output } = await run({ ...(await settings()), GATEWAY_PORT: port, LOG_LEVEL: 'silent' });
      assert.equal(code, 1);
      assert.match(output, new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use.*GATEWAY_PORT.*\\n$`));
    } finally {
      holder.close();
    }
  });

  it('says the same of the port of its health', async () => {
    const { GATEWAY_PORT: port = '', ...others } = await settings();
    const holder = createServer().listen(Number(port), '127.0.0.1');
    await once(holder, 'listening');
    try {
      const { code, output } = await run({
        ...others,
        GATEWAY_PORT: '0',
        HEALTH_PORT: port,
        LOG_LEVEL: 'silent',
      });
      assert.equal(code, 1);
      assert.match(output, new RegExp(`^Port ${port} on 127\\.0\\.0\\.1 is in use.*HEALTH_PORT.*\\n$`));
    } finally {
      holder.close();
    }
  });

  it('serves what needs no key while the keys service is away, and knows nothing of the rest', async () => {
    const env = await settings();
    const service = await start(env);
    const url = `http://127.0.0.1:${env['GATEWAY_PORT']}`;
    assert.equal(await (await fetch(`${url}/mlflow/health`)).text(), 'healthy');
    const headers = { authorization: `Bearer hk_live_${'x'.repeat(50)}` };
    assert.equal((await fetch(`${url}/mlflow/`, { headers })).status, 503);
    assert.equal((await fetch(`${url}/readyz`)).status, 503);
    assert.equal((await fetch(`http://127.0.0.1:${env['HEALTH_PORT']}/readyz`)).status, 503);
    assert.deepEqual(await service.stop(), { code: 0, signal: null });
  });

  it('ends what is in flight when it is stopped, and accepts nothing more', async () => {
    const env = await settings();
    const service = await start(env);
    const port = Number(env['GATEWAY_PORT']);
    const idle = await rawConnection(port);
    const busy = await rawConnection(port);
    const held = new Promise<ServerResponse>((resolve) => {
      answer = resolve;
    });
    busy.send('GET /mlflow/health HTTP/1.1\r\nHost: x\r\n\r\n');
    const outgoing = await held;
    service.signal('SIGTERM');
    await idle.closed();
    await eventually(() => assert.rejects(fetch(`http://127.0.0.1:${port}/livez`)));
    outgoing.end('late');
    assert.match(await busy.closed(), /200 OK.*late/s);
    assert.deepEqual(await service.exited, { code: 0, signal: null });
  });

  it('warns of paths that need no key', async () => {
    const service = await start({ ...(await settings()), EXCLUDED_PATHS: '/mlflow/*' });
    await eventually(() => assert.match(service.output(), /"path":"\/mlflow\/\*".*without a key/));
    await stopped(service);
  });
});

async function stopped(service: TestService): Promise<void> {
  assert.equal((await service.stop()).code, 0);
}
