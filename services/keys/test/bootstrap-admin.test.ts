/** The first admin key, and another when all are lost: real processes on real Postgres. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { auditEventEventSchema, HokusaiError } from '@hokusai/contracts';
import {
  createDatabase,
  createNats,
  eventually,
  freePort,
  spawnService,
  type TestDatabase,
} from '@hokusai/testing';
import pg from 'pg';
import { draftKeyFile } from '../src/bootstrap/key-file.ts';
import type { BootstrapStore } from '../src/domain/bootstrap-ports.ts';
import { BOOTSTRAP_LOCK_ID, createBootstrapStore } from '../src/storage/bootstrap-store.ts';
import { AuditService } from './support/audit-service.ts';
import { type Core, type IssuedKey, openCore, outbox, policy, refusal } from './support/core.ts';
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
    await eventually(bothWait);
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

  describe('where the database goes away at the end', () => {
    let first: string;

    beforeEach(async () => {
      await core.bootstrapAdmin({ draft: intoFile });
      first = content();
    });

    const intoFile = (key: string) => draftKeyFile(fileOf('admin'), key);
    const content = () => readFileSync(fileOf('admin'), 'utf8').trim();
    const works = async (key: string) => (await core.validateKey(key)).found !== null;
    /** A store whose transactions end as `end` says of each in turn. */
    const failing = (...ends: ('committed' | 'answer lost' | 'away')[]): BootstrapStore => {
      const store = createBootstrapStore(core.pool, policy.defaultLimits);
      const away = () => new HokusaiError('unavailable', 'The keys database can not be reached.');
      const exclusively: BootstrapStore['exclusively'] = async (work) => {
        const end = ends.shift();
        if (end === 'away') throw away();
        const result = await store.exclusively(work);
        if (end === 'answer lost') throw away();
        return result;
      };
      return { ...store, exclusively };
    };

    it('leave the file as it was if the commit failed, and nothing beside it', async () => {
      const { rows } = await core.pool.query<{ name: string }>('select current_database() as name');
      const killBackend = async (key: string) => {
        const draft = await intoFile(key);
        const admin = new pg.Client({ connectionString: database.adminUrl });
        await admin.connect();
        const { rowCount } = await admin.query(
          "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and state = 'idle in transaction'",
          [rows[0]?.name],
        );
        await admin.end();
        assert.equal(rowCount, 1);
        return draft;
      };
      assert.deepEqual(await refusal(core.bootstrapAdmin({ draft: killBackend })), [
        'unavailable',
        undefined,
      ]);
      assert.deepEqual([content(), await works(first)], [first, true]);
      assert.deepEqual(readdirSync(folder), ['admin.key']);
    });

    it('are in the file if the commit was done, though its answer was lost', async () => {
      const store = failing('answer lost');
      const { key } = await core.bootstrapAdmin({ draft: intoFile, store });
      assert.equal(content().startsWith(key.keyPrefix), true);
      assert.ok((await works(content())) && (await works(first)));
      assert.deepEqual(readdirSync(folder), ['admin.key']);
    });

    it('are beside the file if nobody knows, which is said', async () => {
      const making = core.bootstrapAdmin({ draft: intoFile, store: failing('answer lost', 'away') });
      const place = new RegExp(`not known whether the key was made. It is in ${folder}/.admin.key`);
      await assert.rejects(making, place);
      assert.equal(content(), first);
      const [draft] = readdirSync(folder).filter((name) => name !== 'admin.key');
      assert.ok(await works(readFileSync(join(folder, draft ?? ''), 'utf8').trim()));
    });
  });

  describe('by the command', () => {
    let first: IssuedKey;

    beforeEach(async () => {
      first = await core.bootstrapAdmin();
    });

    async function command(args: string[], env: Record<string, string> = {}) {
      const run = await spawnService({
        entry: 'services/keys/bin/hokusai-keys.js',
        args: ['bootstrap-admin', ...args],
        env: { ...serviceEnvironment(database.url), ...env },
        readyUrl: null,
      });
      return { ...(await run.exited), output: run.output() };
    }

    /** Runs the command, and answers what the new key is. */
    async function made(args: string[], env: Record<string, string> = {}) {
      const path = fileOf('another');
      const { code, output } = await command(['--file', path, ...args], env);
      assert.equal(code, 0, output);
      const plaintext = readFileSync(path, 'utf8').trim();
      assert.ok(
        output.includes(path) && output.includes(plaintext.slice(0, 20)) && !output.includes(plaintext),
      );
      return (await core.validateKey(plaintext)).found ?? assert.fail('no such key');
    }

    it('are for the same administrator, and in the audit log with who made them and why', async () => {
      const { key } = await made(['--reason', 'the last one left']);
      assert.equal(key.userId, first.key.userId);
      assert.notEqual(key.id, first.key.id);
      const [audit] = (await outbox(core.pool)).slice(-2);
      const { data } = auditEventEventSchema.parse(audit?.payload);
      assert.deepEqual(
        [data.action, data.target?.id, data.reason],
        ['key.created', key.id, 'the last one left'],
      );
      assert.deepEqual([data.actor.via, data.actor.host], ['bootstrap', hostname()]);
      assert.deepEqual(data.personal, { os_user: userInfo().username });
      await made([], { SUDO_USER: 'ada' });
      const again = auditEventEventSchema.parse((await outbox(core.pool)).at(-2)?.payload);
      assert.equal(again.data.personal.os_user, `ada as ${userInfo().username}`);
      assert.equal(again.data.reason, null);
    });

    it('work when all admins are disabled and all keys revoked', async () => {
      await core.pool.query('update users set disabled_at = now()');
      await core.pool.query('update api_keys set is_active = false, revoked_at = now()');
      const { key, owner } = await made(['--reason', 'all are gone']);
      assert.deepEqual([key.scopes, owner.role, owner.disabledAt], [['admin'], 'admin', null]);
      assert.notEqual(owner.userId, first.key.userId);
      const actions = (await outbox(core.pool)).map(
        ({ payload }) => payload.data['reason'] && payload.data['action'],
      );
      assert.deepEqual(actions.filter(Boolean), ['user.created', 'key.created']);
    });

    it('are taken by services that go on running, and their audit event arrives', async () => {
      const nats = await createNats();
      const audit = new AuditService();
      try {
        const auditAddress = await audit.answer();
        audit.consume(nats.urls.audit);
        const running = { NATS_URL: nats.urls.keys, AUDIT_GRPC_URL: auditAddress };
        const env = {
          ...serviceEnvironment(database.url),
          ...running,
          HEALTH_PORT: String(await freePort()),
        };
        const service = await spawnService({
          entry: 'services/keys/src/main.ts',
          env,
          readyTimeoutMs: 60_000,
        });
        const empty = async () => assert.deepEqual(await outbox(core.pool), []);
        await eventually(empty);
        const before = audit.stored.size;
        await made([]);
        await eventually(async () => {
          await empty();
          assert.equal(audit.stored.size, before + 1);
        });
        assert.deepEqual(await service.stop(), { code: 0, signal: null });
      } finally {
        await audit.close();
        await nats.close();
      }
    });

    it('come with help', async () => {
      const help = await command(['--help']);
      assert.equal(help.code, 0);
      assert.match(help.output, /^usage: hokusai-keys bootstrap-admin .*examples:\n {2}hokusai-keys/s);
    });

    const file = ['--file', '/nowhere/admin.key'];
    const at = (change: (url: URL) => void) => () => {
      const url = new URL(database.url);
      change(url);
      return { KEYS_DATABASE_URL: url.href };
    };
    const failures: [string, string[], () => Record<string, string>, number, RegExp][] = [
      ['no file to write to', [], () => ({}), 78, /BOOTSTRAP_ADMIN_KEY_FILE: is required\n.*--file/],
      [
        'a wrong configuration',
        file,
        () => ({ KEY_PEPPERS: 'p:x' }),
        78,
        /KEY_PEPPERS: expected.*\n.*environment/,
      ],
      ['a wrong option', ['--fil', 'x'], () => ({}), 64, /--fil.*\n.*--help/],
      ['a folder that is not there', file, () => ({}), 73, /can't write \/nowhere\/admin.key.*create it/],
      [
        'no database',
        file,
        at((url) => (url.port = '9')),
        69,
        /can't be reached.*ECONNREFUSED.*\nIs it running/,
      ],
      [
        'a wrong password',
        file,
        at((url) => (url.password = 'x')),
        69,
        /authentication failed.*\n.*KEYS_DATABASE_URL/,
      ],
    ];
    for (const [title, args, env, code, message] of failures) {
      it(`say what to do about ${title}, and change nothing`, async () => {
        const failed = await command(args, env());
        assert.match(failed.output, message);
        assert.ok(!/^ +at /m.test(failed.output), 'no stack');
        assert.equal(failed.code, code, failed.output);
        assert.equal((await adminKeys()).length, 1);
      });
    }

    it('say so where the schema is missing', async () => {
      await using empty = await createDatabase('keys', { migrate: false });
      const { code, output } = await command(file, { KEYS_DATABASE_URL: empty.url });
      assert.deepEqual([code, output.includes('migrate.ts')], [69, true], output);
    });
  });
});
