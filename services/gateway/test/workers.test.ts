/** Several gateway processes on one port: how they share it, replace each other, and end. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNats, eventually, spawnService, type TestNats, type TestService } from '@hokusai/testing';
import { GATEWAY_ENTRY, gatewaySettings } from './support/gateway-process.ts';
import { FakeKeysService } from './support/keys-service/fake.ts';
import { rawConnection } from './support/raw-client.ts';
import { type ClientBehaviour, startClients } from './support/steady-clients.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

describe('workers', function () {
  this.timeout(180_000);
  let nats: TestNats;
  let upstream: HttpUpstream;
  /** Answers that wait for the test. */
  const held: ServerResponse[] = [];
  let keys: FakeKeysService;
  let env: Awaited<ReturnType<typeof gatewaySettings>>;
  let service: TestService;
  let folder: string;
  let ringFile: string;

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-workers-'));
    ringFile = join(folder, 'cache-secrets');
    nats = await createNats({ provision: true });
    upstream = await startHttpUpstream((incoming, outgoing) => {
      if (incoming.url === '/version') held.push(outgoing);
      else incoming.on('end', () => outgoing.end('served')).resume();
    });
    keys = new FakeKeysService();
    await keys.start();
    const { CACHE_SECRETS = '', ...others } = await gatewaySettings({
      MLFLOW_UPSTREAM_URL: upstream.url,
      KEYS_GRPC_URL: keys.address,
      NATS_URL: nats.urls.gateway,
      GATEWAY_WORKERS: '2',
      SHUTDOWN_IDLE_MS: '1500',
      CACHE_SECRETS_FILE: ringFile,
    });
    writeFileSync(ringFile, CACHE_SECRETS);
    env = others as typeof env;
    service = await spawnService({ entry: GATEWAY_ENTRY, env, readyTimeoutMs: 60_000 });
  });
  beforeEach(async () => {
    const count = isRunning(service.pid) ? 2 : 0;
    await eventually(() => assert.equal(keys.streams.size, count));
    keys.opened.length = 0;
    keys.left.length = 0;
  });
  after(async () => {
    await service?.stop();
    await keys?.stop();
    await upstream?.close();
    await nats?.close();
    rmSync(folder, { recursive: true });
  });

  const log = () =>
    service
      .output()
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as LogLine);
  /** Of all that ever ran, oldest first. */
  const workerPids = () => log().flatMap(({ msg, pid }) => (msg === 'a worker starts' && pid ? [pid] : []));
  const health = async () => {
    const response = await fetch(`http://127.0.0.1:${env.HEALTH_PORT}/readyz`);
    const { checks } = (await response.json()) as { checks: Record<string, string> };
    return { status: response.status, checks };
  };
  const run = async (settings: Record<string, string>) => {
    const failing = await spawnService({ entry: GATEWAY_ENTRY, env: settings, readyUrl: null });
    return { ...(await failing.exited), output: failing.output() };
  };

  it('share the connections evenly, each with lines in the log of its own', async () => {
    for (let count = 0; count < 8; count += 1) {
      const connection = await rawConnection(Number(env.GATEWAY_PORT));
      connection.send('GET /mlflow/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
      assert.match(await connection.closed(), /^HTTP\/1.1 200/);
    }
    await eventually(() => {
      const servedBy = log().flatMap(({ log: kind, worker }) => (kind === 'access' ? [worker] : []));
      assert.deepEqual(servedBy.sort(), [1, 1, 1, 1, 2, 2, 2, 2]);
    });
  });

  it('say once what is wrong with the configuration, and that the port is in use', async () => {
    const bad = await run({ ...env, MLFLOW_UPSTREAM_URL: 'ftp://x' });
    assert.equal(bad.code, 78);
    assert.equal(bad.output.match(/MLFLOW_UPSTREAM_URL/g)?.length, 1);
    const taken = await run({ ...env, LOG_LEVEL: 'silent' });
    assert.equal(taken.code, 1);
    const { GATEWAY_PORT: port } = env;
    const expected = `^Port ${port} on .* is in use.*\nThe first worker did not start.*\n$`;
    assert.match(taken.output, new RegExp(expected));
  });

  it('are ready as long as one of them is, at either address, and follow the keys service again', async () => {
    assert.deepEqual(await health(), { status: 200, checks: { 'worker 1': 'ok', 'worker 2': 'ok' } });
    const [pid] = workerPids() as [number];
    process.kill(pid, 'SIGSTOP');
    try {
      const { status, checks } = await health();
      assert.equal(status, 200);
      assert.deepEqual(Object.keys(checks), ['worker 1', 'worker 2']);
      assert.match(checks['worker 1'] ?? '', /no answer/);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await keys.stop();
    const statuses = async () => [
      (await health()).status,
      (await fetch(`http://127.0.0.1:${env.GATEWAY_PORT}/readyz`)).status,
    ];
    await eventually(async () => assert.deepEqual(await statuses(), [503, 503]));
    await keys.start();
    await eventually(async () => assert.deepEqual(await statuses(), [200, 200]));
  });

  it('lose no request while they are replaced under load', async () => {
    const { key } = keys.add({
      scopes: ['mlflow:read', 'mlflow:write'],
      limits: { ratePerHour: 1_000_000_000, burst: 1_000_000_000, burstWindowSeconds: 1 },
    });
    const clients = startClients(Number(env.GATEWAY_PORT), clientsOf(key));
    const received = upstream.requests.length;
    await eventually(() => assert.ok(clients.answered > 100));
    service.signal('SIGHUP');
    const replaced = () => assert.ok(log().some(({ msg }) => msg === 'all workers have been replaced'));
    await eventually(replaced, { timeoutMs: 120_000 });
    const { answered } = clients;
    await eventually(() => assert.ok(clients.answered > answered + 100));
    await clients.stop();
    assert.deepEqual(clients.failures, []);
    assert.equal(upstream.requests.length - received, clients.answered, 'each reached MLflow once');
    await eventually(() => assert.equal(keys.left.length, 2, 'the former ones said goodbye'));
    assert.deepEqual(keys.opened.map(({ gateway }) => gateway.split('/')[1]).sort(), ['1', '2']);
    await eventually(() => assert.deepEqual(workerPids().map(isRunning), [false, false, true, true]));
  });

  it('finish what they have under way, however long it takes, while others serve in their place', async () => {
    const former = workerPids().filter(isRunning);
    const replacements = () => log().filter(({ msg }) => msg === 'all workers have been replaced').length;
    const before = replacements();
    const clients = await Promise.all([1, 2].map(() => rawConnection(Number(env.GATEWAY_PORT))));
    for (const client of clients) client.send('GET /mlflow/version HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => assert.equal(held.length, 2));
    service.signal('SIGHUP');
    await eventually(() => assert.equal(replacements(), before + 1), { timeoutMs: 60_000 });
    assert.deepEqual(former.map(isRunning), [true, true]);
    assert.equal((await fetch(`http://127.0.0.1:${env.GATEWAY_PORT}/mlflow/health`)).status, 200);
    for (const answer of held.splice(0)) answer.end('late');
    for (const client of clients) assert.match(await client.closed(), /200 OK.*late/s);
    await eventually(() => assert.deepEqual(former.map(isRunning), [false, false]));
  });

  it('stay as they are when new ones can not start, as with a configuration that has become wrong', async () => {
    const ring = readFileSync(ringFile);
    const pids = workerPids();
    writeFileSync(ringFile, 'nonsense');
    service.signal('SIGHUP');
    const refused = () => assert.match(service.output(), /CACHE_SECRETS: .*does not get ready/s);
    await eventually(refused);
    writeFileSync(ringFile, ring);
    assert.equal(workerPids().length, pids.length + 1);
    assert.deepEqual((await health()).checks, { 'worker 1': 'ok', 'worker 2': 'ok' });
    assert.deepEqual(keys.left, []);
  });

  it('are replaced when one dies, and finish as they should when their parent is killed', async () => {
    const [first, second] = workerPids().filter(isRunning) as [number, number];
    process.kill(first, 'SIGKILL');
    const successorFollows = () => assert.equal(keys.opened.length, 1);
    await eventually(successorFollows);
    assert.ok(log().some(({ msg, signal }) => signal === 'SIGKILL' && /nobody had told to/.test(msg ?? '')));
    const running = workerPids().filter(isRunning);
    assert.deepEqual([running.length, running.includes(second)], [2, true]);
    service.signal('SIGKILL');
    await service.exited;
    await eventually(() => assert.ok(!running.some(isRunning)));
    await eventually(() => assert.equal(keys.left.length, 2, 'both said goodbye'));
  });

  it('end together, with what is under way, also where a signal reaches them and their parent', async () => {
    service = await spawnService({ entry: GATEWAY_ENTRY, env, readyTimeoutMs: 60_000 });
    await eventually(() => assert.equal(keys.opened.length, 2));
    const [pid] = workerPids() as [number];
    const clients = await Promise.all([1, 2].map(() => rawConnection(Number(env.GATEWAY_PORT))));
    for (const client of clients) client.send('GET /mlflow/version HTTP/1.1\r\nHost: x\r\n\r\n');
    await eventually(() => assert.equal(held.length, 2));
    process.kill(pid, 'SIGTERM');
    service.signal('SIGTERM');
    const { GATEWAY_PORT: port } = env;
    // A connection that comes just before the port closes may be left without an answer.
    const ask = () => fetch(`http://127.0.0.1:${port}/livez`, { signal: AbortSignal.timeout(1000) });
    await eventually(() => assert.rejects(ask));
    for (const answer of held) answer.end('late');
    for (const client of clients) assert.match(await client.closed(), /200 OK.*late/s);
    assert.deepEqual(await service.exited, { code: 0, signal: null });
    await eventually(() => assert.equal(keys.left.length, 2));
    assert.ok(!workerPids().some(isRunning));
  });
});

interface LogLine {
  msg?: string;
  log?: string;
  worker?: number;
  pid?: number;
  signal?: string;
}

/** Readers and writers: some without a pause, some whose connection is idle at times, some with a new one each time. */
function clientsOf(key: string): ClientBehaviour[] {
  const authorization = `Bearer ${key}`;
  const read: ClientBehaviour = {
    method: 'GET',
    path: '/mlflow/api/2.0/mlflow/runs/get?run_id=a',
    headers: { authorization },
  };
  const write: ClientBehaviour = {
    method: 'POST',
    path: '/mlflow/api/2.0/mlflow/runs/log-metric',
    headers: { authorization, 'content-type': 'application/json' },
    body: JSON.stringify({ run_id: 'a', key: 'loss', value: 1, padding: 'x'.repeat(1000) }),
  };
  return [read, write].flatMap((kind) => [
    ...Array.from({ length: 4 }, () => kind),
    ...Array.from({ length: 6 }, (_, index) => ({
      ...kind,
      pauseMs: (number: number) => ((number + index) * 37) % 400,
    })),
    { ...kind, isForgetful: true, pauseMs: () => 20 },
  ]);
}

/** proc(5): a zombie is over, whoever may still have to take note of it. */
function isRunning(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}
