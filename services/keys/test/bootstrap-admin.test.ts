/** The first admin key, and another when all are lost: real processes on real Postgres. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDatabase, eventually, freePort, spawnService, type TestDatabase } from '@hokusai/testing';
import { BOOTSTRAP_LOCK_ID } from '../src/storage/bootstrap-store.ts';
import { type Core, openCore, outbox } from './support/core.ts';
import { serviceEnvironment } from './support/service.ts';

describe('admin keys made on the keys host', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let folder: string;

  beforeEach(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url);
    folder = mkdtempSync(join(tmpdir(), 'hokusai-bootstrap-'));
  });

  afterEach(async () => {
    rmSync(folder, { recursive: true });
    await core.close();
    await database.close();
  });

  const fileOf = (name: string) => join(folder, `${name}.key`);
  const startReplica = async (name: string) => {
    const env = { ...serviceEnvironment(database.url), HEALTH_PORT: String(await freePort()) };
    const options = { env: { ...env, BOOTSTRAP_ADMIN_KEY_FILE: fileOf(name) }, readyTimeoutMs: 60_000 };
    return spawnService({ entry: 'services/keys/src/main.ts', ...options });
  };
  const adminKeys = async () =>
    (await core.pool.query("select key_prefix from api_keys where scopes = '{admin}'")).rows;

  it('is one, however many replicas start together; and it works', async () => {
    const lock = await core.pool.connect();
    await lock.query('select pg_advisory_lock($1)', [BOOTSTRAP_LOCK_ID]);
    const starting = Promise.all([startReplica('first'), startReplica('second')]);
    // Both have seen that there is no admin key, and wait for their turn to make it.
    const waiting = `select from pg_locks where locktype = 'advisory' and objid = $1 and not granted
      and database = (select oid from pg_database where datname = current_database())`;
    const bothWait = async () =>
      assert.equal((await core.pool.query(waiting, [BOOTSTRAP_LOCK_ID])).rowCount, 2);
    await eventually(bothWait, { timeoutMs: 60_000 });
    lock.release(true);
    const replicas = await starting;
    for (const replica of replicas) await replica.stop();
    const written = ['first', 'second'].map(fileOf).filter((path) => existsSync(path));
    assert.equal(written.length, 1);
    assert.equal((await adminKeys()).length, 1);
    const path = written[0] as string;
    assert.equal(statSync(path).mode & 0o777, 0o600);
    const answer = await core.validateKey(readFileSync(path, 'utf8').trim());
    assert.deepEqual(answer.found?.key.scopes, ['admin']);
    assert.equal(answer.found?.owner.role, 'admin');
    const subjects = (await outbox(core.pool)).map(({ subject }) => subject);
    assert.deepEqual(subjects, [
      'hokusai.audit.v1.keys.user.created',
      'hokusai.audit.v1.keys.key.created',
      'hokusai.keys.v1.events.created',
    ]);
  });

  it('is not made again at a restart, nor after its revocation', async () => {
    await (await startReplica('first')).stop();
    const { key } =
      (await core.validateKey(readFileSync(fileOf('first'), 'utf8').trim())).found ?? assert.fail();
    await core.pool.query('update api_keys set is_active = false, revoked_at = now() where id = $1', [
      key.id,
    ]);
    await (await startReplica('second')).stop();
    assert.ok(!existsSync(fileOf('second')));
    assert.equal((await adminKeys()).length, 1);
  });

  it('is another one by the command, for the same administrator', async () => {
    const first = await core.bootstrapAdmin();
    const command = async (args: string[], env: Record<string, string> = {}) => {
      const entry = 'services/keys/src/bootstrap-admin.ts';
      const base = serviceEnvironment(database.url);
      const run = await spawnService({ entry, args, env: { ...base, ...env }, readyUrl: null });
      return { ...(await run.exited), output: run.output() };
    };
    const made = await command(['--file', fileOf('another')]);
    assert.equal(made.code, 0, made.output);
    assert.ok(made.output.includes(fileOf('another')));
    const plaintext = readFileSync(fileOf('another'), 'utf8').trim();
    assert.ok(!made.output.includes(plaintext) && made.output.includes(plaintext.slice(0, 20)));
    const answer = await core.validateKey(plaintext);
    assert.equal(answer.found?.key.userId, first.key.userId);
    assert.notEqual(answer.found?.key.id, first.key.id);
    const homeless = await command([]);
    assert.equal(homeless.code, 78);
    assert.match(homeless.output, /BOOTSTRAP_ADMIN_KEY_FILE: is required, or --file PATH/);
    const broken = await command(['--file', join(folder, 'no', 'such', 'folder')]);
    assert.equal(broken.code, 1);
    assert.equal((await adminKeys()).length, 2);
  });
});
