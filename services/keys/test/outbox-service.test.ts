/** The service as a process: what it does in the background, and how it ends. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { services } from '@hokusai/contracts';
import {
  createDatabase,
  createNats,
  eventually,
  freePort,
  grpcCallers,
  grpcToken,
  spawnService,
  type TestDatabase,
  type TestNats,
} from '@hokusai/testing';
import pg from 'pg';
import { AuditService } from './support/audit-service.ts';
import { TestFollower } from './support/follower.ts';

describe('keys service, in the background', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let nats: TestNats;
  let audit: AuditService;
  let admin: pg.Client;
  let keyFile: string;

  before(async () => {
    [database, nats] = await Promise.all([createDatabase('keys'), createNats()]);
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    keyFile = join(tmpdir(), `hokusai-${randomBytes(6).toString('hex')}.key`);
  });

  after(async () => {
    await admin.end();
    await audit.close();
    await Promise.all([nats.close(), database.close(), rm(keyFile, { force: true })]);
  });

  it('has the first key’s events stored, tells followers, and ends in order while they follow', async () => {
    audit = new AuditService();
    const auditAddress = await audit.answer();
    audit.consume(nats.urls.audit);
    const port = await freePort();
    const service = await spawnService({
      entry: 'services/keys/src/main.ts',
      env: {
        KEYS_DATABASE_URL: database.url,
        KEYS_GRPC_PORT: String(port),
        HEALTH_PORT: String(await freePort()),
        NATS_URL: nats.urls.keys,
        AUDIT_GRPC_URL: auditAddress,
        AUDIT_GRPC_TOKEN: grpcToken,
        KEYS_GRPC_CALLERS: grpcCallers(services.keyValidation),
        KEY_PEPPERS: `p1:${randomBytes(32).toString('base64url')}`,
        BOOTSTRAP_ADMIN_KEY_FILE: keyFile,
      },
    });
    await eventually(async () => {
      const { rows } = await admin.query('select count(*)::int as stored from stored_events');
      assert.ok(rows[0].stored > 0);
      assert.deepEqual((await admin.query('select subject from outbox')).rows, []);
    });
    assert.equal(audit.stored.size, (await admin.query('select from stored_events')).rowCount);
    const secret = (await readFile(keyFile, 'utf8')).trim();
    assert.ok(!service.output().includes(secret));

    const follower = new TestFollower({ address: `127.0.0.1:${port}` });
    await follower.nextTick();
    const { rows } = await admin.query(
      `insert into key_changes (key_id, version) select id, version + 1 from api_keys returning key_id, pg_notify('hokusai_key_changes', '')`,
    );
    await follower.change(rows[0].key_id);
    assert.deepEqual(await service.stop(), { code: 0, signal: null });
    assert.equal((await follower.ended).code, status.UNAVAILABLE);
    await follower.close();
    await eventually(async () => {
      const sessions = await admin.query(
        "select from pg_stat_activity where datname = current_database() and usename = 'hokusai_keys'",
      );
      assert.equal(sessions.rowCount, 0);
    });
  });
});
