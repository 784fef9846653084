/** The service as it runs: it signs, takes what it signed out, and raises an alarm instead of signing a rewritten log. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseCheckpointLine } from '@hokusai/audit-chain';
import { services } from '@hokusai/contracts';
import { type Bus, openBus } from '@hokusai/service-kit';
import {
  createNats,
  eventually,
  freePort,
  grpcCallers,
  spawnService,
  type TestNats,
  type TestService,
} from '@hokusai/testing';
import { type AuditDatabase, openAuditDatabase, silent } from './support/audit-database.ts';
import { publishEvent } from './support/audit-events.ts';
import { seedOf } from './support/signing-rings.ts';

const SEED = seedOf(9);

describe('signing, in the service', function () {
  this.timeout(120_000);
  let db: AuditDatabase;
  let nats: TestNats;
  let keys: Bus;
  let folder: string;
  let healthPort: number;
  let service: TestService;

  before(async () => {
    [db, nats, folder, healthPort] = await Promise.all([
      openAuditDatabase(),
      createNats(),
      mkdtemp(join(tmpdir(), 'hokusai-signing-')),
      freePort(),
    ]);
    keys = openBus({ url: nats.urls.keys, name: 'test', publishTimeoutMs: 30_000, logger: silent });
    await eventually(() => keys.check());
    service = await spawnService({ entry: 'services/audit/src/main.ts', env: await environment() });
  });
  after(async () => {
    await keys.close();
    await service.stop();
    await Promise.all([nats.close(), db.close()]);
    await rm(folder, { recursive: true });
  });

  async function environment(): Promise<Record<string, string>> {
    return {
      AUDIT_DATABASE_URL: db.database.url,
      NATS_URL: nats.urls.audit,
      AUDIT_GRPC_PORT: String(await freePort()),
      AUDIT_GRPC_CALLERS: grpcCallers(services.audit),
      HEALTH_PORT: String(healthPort),
      AUDIT_SIGNING_KEYS: `a:${SEED}`,
      AUDIT_CHECKPOINT_SECONDS: '1',
      AUDIT_CHECKPOINT_DIR: folder,
    };
  }

  async function keptOutside(): Promise<number[]> {
    const texts = await Promise.all(
      (await readdir(folder)).map((file) => readFile(join(folder, file), 'utf8')),
    );
    return texts.flatMap((text) =>
      text
        .trimEnd()
        .split('\n')
        .map((line) => parseCheckpointLine(line)?.chainSeq ?? 0),
    );
  }

  async function readiness() {
    const response = await fetch(`http://127.0.0.1:${healthPort}/readyz`);
    return { status: response.status, ...((await response.json()) as { alarms?: Record<string, string> }) };
  }

  it('happens while there is activity, and raises an alarm where the log was rewritten', async () => {
    await publishEvent(keys, randomUUID());
    await eventually(async () => assert.equal((await keptOutside()).at(-1), 1));
    await publishEvent(keys, randomUUID());
    await eventually(async () => assert.equal((await keptOutside()).at(-1), 2));
    assert.equal((await readiness()).alarms, undefined);

    await db.admin.query(
      'alter table audit_events disable trigger user; update audit_events set hash = sha256(hash) where chain_seq = 2',
    );
    await eventually(async () =>
      assert.match((await readiness()).alarms?.['checkpoints'] ?? '', /rewritten/),
    );
    assert.equal((await readiness()).status, 200, 'it goes on serving');
    assert.match(service.output(), /"level":"error".*nothing is signed any more/);
    assert.ok(!service.output().includes(SEED));
    assert.deepEqual(await keptOutside(), [1, 2]);
  });

  it('says what is wrong in its configuration', async () => {
    const { AUDIT_SIGNING_KEYS: _, ...env } = await environment();
    const wrong = { ...env, AUDIT_CHECKPOINT_BUCKET_URL: 'https://example.com/audit' };
    const entry = 'services/audit/src/main.ts';
    for (const [given, says] of [
      [
        wrong,
        /AUDIT_SIGNING_KEYS: is required with AUDIT_CHECKPOINT_DIR[\s\S]*AUDIT_CHECKPOINT_ACCESS_KEY_ID: is required/,
      ],
      [{ ...env, AUDIT_SIGNING_KEYS: 'a:short' }, /AUDIT_SIGNING_KEYS: expected id:seed/],
    ] as const) {
      const replica = await spawnService({ entry, env: given, readyUrl: null });
      assert.equal((await replica.exited).code, 78);
      assert.match(replica.output(), says);
    }
  });
});
