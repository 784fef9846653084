/** Usage on disk: real files and locks, a real broker that goes away, and gateway processes that are killed. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type AuditEvent,
  auditEventEventSchema,
  type CloudEvent,
  type GatewayAnnouncement,
  gatewayAnnouncementEventSchema,
  SUBJECTS,
  type UsageBatch,
  usageBatchEventSchema,
} from '@hokusai/contracts';
import { createNats, eventually, spawnService, streamMessages, type TestNats } from '@hokusai/testing';
import { GATEWAY_ENTRY, gatewaySettings } from './support/gateway-process.ts';
import { FakeKeysService } from './support/keys-service/fake.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const CACHE_SECRET = randomBytes(32).toString('base64url');

describe('the spool of gateway processes', function () {
  this.timeout(180_000);
  let folder: string;
  let nats: TestNats;
  let upstream: HttpUpstream;
  let keys: FakeKeysService;
  let key: string;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      incoming.on('end', () => outgoing.end('served')).resume();
    });
    keys = new FakeKeysService();
    await keys.start();
    key = keys.add({
      scopes: ['mlflow:read'],
      limits: { ratePerHour: 1_000_000, burst: 1_000_000, burstWindowSeconds: 1 },
    }).key;
  });
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-spool-'));
    nats = await createNats();
  });
  afterEach(async () => {
    await nats.close();
    rmSync(folder, { recursive: true });
  });
  after(async () => {
    await keys.stop();
    await upstream.close();
  });

  const spawn = async (settings: Record<string, string> = {}) => {
    const env = await gatewaySettings({
      MLFLOW_UPSTREAM_URL: upstream.url,
      KEYS_GRPC_URL: keys.address,
      NATS_URL: nats.urls.gateway,
      USAGE_SPOOL_DIR: join(folder, 'spool'),
      RATE_LIMIT_ON_REDIS_LOSS: 'open',
      CACHE_SECRETS: `a:${CACHE_SECRET}`,
      ...settings,
    });
    const service = await spawnService({ entry: GATEWAY_ENTRY, env });
    return Object.assign(service, { port: env.GATEWAY_PORT });
  };
  const call = async ({ port }: { port: string }, requestId: string) => {
    const url = `http://127.0.0.1:${port}/mlflow/api/2.0/mlflow/runs/get?run_id=a`;
    const answer = await fetch(url, {
      headers: { authorization: `Bearer ${key}`, 'x-request-id': requestId },
    });
    assert.equal(answer.status, 200, await answer.text());
  };
  /** Ids of the requests, so many, that were made. */
  const callAll = async (gateway: { port: string }, count: number) => {
    const ids = Array.from({ length: count }, () => randomUUID());
    for (const id of ids) await call(gateway, id);
    return ids;
  };
  const stored = async () => {
    const messages = await streamMessages(nats.urls.admin, 'USAGE');
    const of = (subject: string) => messages.filter((message) => message.subject === subject);
    return {
      batches: of(SUBJECTS.usageRequests).map(
        ({ data }) => (usageBatchEventSchema.parse(data) as CloudEvent<UsageBatch>).data,
      ),
      announcements: of(SUBJECTS.usageGateways).map(
        ({ data }) => (gatewayAnnouncementEventSchema.parse(data) as CloudEvent<GatewayAnnouncement>).data,
      ),
    };
  };
  /** What the spool holds of each incarnation, as request ids. */
  const spooled = () => readFiles(join(folder, 'spool'));
  const holds = (ids: readonly string[]) =>
    eventually(() => {
      const text = spooled();
      for (const id of ids) assert.ok(text.includes(id));
    });
  const delivered = (ids: readonly string[]) =>
    eventually(async () => {
      const { batches } = await stored();
      const arrived = batches.flatMap(({ requests }) => requests.map(({ request_id }) => request_id));
      assert.deepEqual(arrived.filter((id) => ids.includes(id)).toSorted(), ids.toSorted());
    });
  const foldersIn = (path: string) =>
    (existsSync(path) ? readdirSync(path) : []).filter((name) => name !== 'audit');
  const folders = () => foldersIn(join(folder, 'spool'));

  it('is delivered by the next process when one is killed with the broker away, each request once', async () => {
    const first = await spawn();
    const before = await callAll(first, 5);
    await delivered(before);
    await nats.stop();
    const ids = await callAll(first, 40);
    await holds(ids);
    const [incarnation = ''] = folders();
    for (const name of readdirSync(join(folder, 'spool', incarnation)))
      assert.equal(statSync(join(folder, 'spool', incarnation, name)).mode & 0o777, 0o600, name);
    assert.equal(statSync(join(folder, 'spool', incarnation)).mode & 0o777, 0o700);
    assert.ok(!spooled().includes(key), 'no key stands in the spool');
    first.signal('SIGKILL');
    await first.exited;

    const second = await spawn();
    await eventually(() => assert.match(second.output(), /sending usage that a former process left/));
    const later = await callAll(second, 3);
    await nats.start();
    await delivered([...before, ...ids, ...later]);
    await eventually(async () => {
      const { announcements } = await stored();
      const own = announcements.filter((one) => one.incarnation === incarnation);
      assert.deepEqual([own[0]?.kind, own.at(-1)?.kind, own.at(-1)?.assigned], ['opened', 'left', 45]);
    });
    await eventually(() => assert.ok(!folders().includes(incarnation)));
    await second.stop();
    assert.deepEqual(folders(), []);
  });

  it('keeps at a clean stop what the broker did not take, and the next process says goodbye for it', async () => {
    await nats.stop();
    const first = await spawn();
    const ids = await callAll(first, 10);
    assert.deepEqual(await first.stop(), { code: 0, signal: null });
    const [incarnation] = folders();
    await nats.start();
    const second = await spawn();
    await delivered(ids);
    await eventually(async () => {
      const { announcements } = await stored();
      const own = announcements.filter((one) => one.incarnation === incarnation);
      const said = own.map(({ kind, assigned, flushed, dropped }) => [kind, assigned, flushed, dropped]);
      assert.deepEqual(said, [
        ['left', 10, 10, 0],
        ['closed', 10, 10, 0],
      ]);
    });
    await second.stop();
    assert.deepEqual(folders(), []);
  });

  it('is shared by several workers and gateways: an orphan is drained by one of them, what lives by none', async () => {
    const gone = await spawn();
    const living = await spawn({ GATEWAY_WORKERS: '2' });
    await eventually(() => assert.equal(folders().length, 3));
    await nats.stop();
    const orphaned = await callAll(gone, 10);
    const kept = await callAll(living, 10);
    await holds([...orphaned, ...kept]);
    gone.signal('SIGKILL');
    await gone.exited;
    const others = await Promise.all([spawn(), spawn()]);
    const adopters = () =>
      others.filter((one) => /sending usage that a former process left/.test(one.output()));
    await eventually(() => assert.equal(adopters().length, 1));
    await nats.start();
    await delivered([...orphaned, ...kept]);
    assert.equal(adopters().length, 1);
    assert.doesNotMatch(living.output(), /sending usage that a former process left/);
    for (const service of [living, ...others]) await service.stop();
    assert.deepEqual(folders(), []);
  });

  it('brings the audit events of a killed process, each once, and of its successor, though the broker was away', async () => {
    await nats.stop();
    const first = await spawn();
    const refusedBy = async ({ port }: { port: string }, requestId: string) => {
      const headers = { authorization: `Bearer hk_live_${'0'.repeat(50)}`, 'x-request-id': requestId };
      const { status } = await fetch(`http://127.0.0.1:${port}/mlflow/api/2.0/mlflow/runs/get?run_id=a`, {
        headers,
      });
      assert.equal(status, 401);
    };
    const ids = [randomUUID(), randomUUID()] as const;
    await refusedBy(first, ids[0]);
    const audits = () => readFiles(join(folder, 'spool', 'audit'));
    await eventually(() => assert.ok(audits().includes(ids[0]) && audits().includes('gateway.started')));
    const [incarnation = ''] = foldersIn(join(folder, 'spool', 'audit'));
    for (const name of readdirSync(join(folder, 'spool', 'audit', incarnation)))
      assert.equal(statSync(join(folder, 'spool', 'audit', incarnation, name)).mode & 0o777, 0o600, name);
    first.signal('SIGKILL');
    await first.exited;

    const second = await spawn();
    await refusedBy(second, ids[1]);
    await nats.start();
    const audited = async () =>
      (await streamMessages(nats.urls.admin, 'AUDIT_GATEWAY')).map(
        ({ data }) => (auditEventEventSchema.parse(data) as CloudEvent<AuditEvent>).data,
      );
    const actions = ['gateway.started', 'auth.refused', 'gateway.started', 'auth.refused'];
    await eventually(async () =>
      assert.deepEqual((await audited()).map(({ action }) => action).toSorted(), actions.toSorted()),
    );
    const refused = (await audited()).filter(({ action }) => action === 'auth.refused');
    assert.deepEqual(refused.map(({ request_id }) => request_id).toSorted(), ids.toSorted());
    await second.stop();
    const events = await audited();
    assert.deepEqual([events.length, events.at(-1)?.action], [5, 'gateway.stopped']);
    assert.deepEqual(foldersIn(join(folder, 'spool', 'audit')), []);
    assert.ok(!JSON.stringify(events).includes(CACHE_SECRET));
  });

  it('is not missed where it can not be used: that is said once, and usage waits in memory', async () => {
    const file = join(folder, 'file');
    writeFileSync(file, '');
    const gateway = await spawn({ USAGE_SPOOL_DIR: join(file, 'spool') });
    await nats.stop();
    const ids = await callAll(gateway, 10);
    await nats.start();
    await delivered(ids);
    assert.equal(gateway.output().match(/USAGE_SPOOL_DIR can not be used: without NATS usage/g)?.length, 1);
    await gateway.stop();
  });
});

function readFiles(directory: string): string {
  if (!existsSync(directory)) return '';
  const names = readdirSync(directory, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile() && entry.name !== 'lock');
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1')).join('');
}
