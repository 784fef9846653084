/** The schema, up and down, on real Postgres. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { migrate } from '@hokusai/service-kit';
import { createDatabase, spawnService, type TestDatabase } from '@hokusai/testing';
import pg from 'pg';

const directory = fileURLToPath(new URL('../migrations', import.meta.url));
const names = readdirSync(directory)
  .map((file) => file.replace(/\.sql$/, ''))
  .toSorted();

describe('migrations', function () {
  this.timeout(120_000);
  let database: TestDatabase;

  beforeEach(async () => {
    database = await createDatabase('keys', { migrate: false });
  });

  afterEach(() => database.close());

  const run = (direction: 'up' | 'down') =>
    migrate({
      ...{ ownerUrl: database.ownerUrl, directory, direction, serviceRole: 'hokusai_keys' },
      ...(direction === 'down' ? { count: names.length } : {}),
    });

  const step = (direction: 'up' | 'down', count: number) =>
    migrate({ ownerUrl: database.ownerUrl, directory, direction, serviceRole: 'hokusai_keys', count });

  async function query(sql: string, values: unknown[] = [], url = database.adminUrl) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return (await client.query(sql, values)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  }

  const tables = async () => {
    const rows = await query("select tablename from pg_tables where schemaname = 'public' order by 1");
    return rows.map(({ tablename }) => tablename).filter((name) => name !== 'schema_migrations');
  };

  it('go up on an empty database, once', async () => {
    assert.deepEqual(await run('up'), names);
    assert.deepEqual(await run('up'), []);
  });

  it('go down and up again with rows in every table', async () => {
    await run('up');
    const before = await tables();
    await fill();
    assert.deepEqual(await run('down'), names.toReversed());
    assert.deepEqual(await tables(), []);
    assert.deepEqual(await run('up'), names);
    assert.deepEqual(await tables(), before);
    await fill();
  });

  it('give keys that exist the next step of their expiry, and leave the keys when they go down', async () => {
    await step('up', 1);
    const { keyId, userId } = await fill();
    const hours = [-1, 0.5, 3, 72, 1000];
    const now = Date.now();
    const expiries = hours.map((ahead) => new Date(now + ahead * 3_600_000));
    await query(
      `insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes, rate_limit_per_hour,
         version, expires_at)
       select gen_random_uuid(), 'p' || n, '$argon2id$x', $1, 'K', 'live', '{}', 1, 1, expiry
       from unnest($2::timestamptz[]) with ordinality as given (expiry, n)`,
      [userId, expiries],
    );
    await query(
      `insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes, rate_limit_per_hour,
         version, expires_at, is_active)
       values (gen_random_uuid(), 'swept', '$argon2id$x', $1, 'K', 'live', '{}', 1, 1, now(), false)`,
      [userId],
    );
    const everything = 'select * from api_keys order by key_prefix';
    const before = await query(everything);
    assert.deepEqual(await step('up', 1), ['0002_expiry']);
    const dues = await query(
      `select (extract(epoch from expiry_due_at - $1) / 3600)::float8 as hours from api_keys
       where expiry_due_at is not null order by expires_at`,
      [new Date(now)],
    );
    // The expiry itself, and otherwise the first of the notices that lies ahead.
    assert.deepEqual(
      dues.map((due) => Number(due['hours'])),
      [-1, 0.5, 3 - 1, 72 - 24, 1000 - 168],
    );
    assert.deepEqual(await query('select from api_keys where id = $1 and expiry_due_at is null', [keyId]), [
      {},
    ]);
    await step('down', 1);
    assert.deepEqual(await query(everything), before);
    await step('up', 1);
    await run('up');
  });

  it('leave what was stored as it is, each on its way up and on its way down', async () => {
    await step('up', 1);
    await fill();
    await fillVariously();
    const levels = [await everything()];
    for (const name of names.slice(1)) {
      assert.deepEqual(await step('up', 1), [name]);
      const level = await everything();
      for (const [table, rows] of Object.entries(levels.at(-1) ?? {})) {
        const kept = level[table]?.map((row, index) => pick(row, Object.keys(rows[index] ?? {})));
        assert.deepEqual(kept, rows, `${table} after ${name}`);
      }
      levels.push(level);
    }
    for (const name of names.slice(1).toReversed()) {
      levels.pop();
      assert.deepEqual(await step('down', 1), [name]);
      assert.deepEqual(await everything(), levels.at(-1), `without ${name}`);
    }
  });

  it('give keys that exist their places in lists by last use and by expiry', async () => {
    await step('up', 3);
    await fillVariously();
    assert.deepEqual(await step('up', 1), ['0004_key-lists']);
    const rows = await query(
      `select created_at, last_used_at, expires_at, listed_at, expires_bin,
         nullif(last_used_bin, '-infinity') as last_used_bin from api_keys`,
    );
    const binOf = (days: number, moment: unknown) => {
      if (moment === null) return null;
      const [start, width] = [Date.UTC(2000, 0, 1), days * 86_400_000];
      return new Date(start + Math.floor(((moment as Date).getTime() - start) / width) * width);
    };
    assert.ok(new Set(rows.map((row) => String(row['last_used_bin']))).size > 2);
    for (const row of rows) {
      assert.deepEqual(
        [row['listed_at'], row['last_used_bin'], row['expires_bin']],
        [row['created_at'], binOf(90, row['last_used_at']), binOf(14, row['expires_at'])],
      );
    }
  });

  it('find users that exist by each filter of their list', async () => {
    await step('up', 2);
    await fillVariously();
    assert.deepEqual(await step('up', 1), ['0003_users']);
    const indexes = await query(
      `select c.relname as name, i.indisvalid as valid, pg_get_expr(i.indpred, i.indrelid) as condition
       from pg_index i join pg_class c on c.oid = i.indexrelid
       where i.indrelid = 'users'::regclass and i.indpred is not null`,
    );
    assert.equal(indexes.length, 9);
    for (const { name, valid, condition } of indexes) {
      const [counted] = await query(`select count(*)::integer as matching from users where ${condition}`);
      await query('analyze users');
      const [stored] = await query('select reltuples::integer as matching from pg_class where relname = $1', [
        name,
      ]);
      assert.deepEqual([valid, stored], [true, counted], String(name));
      assert.ok(Number(counted?.['matching']) > 0, `no user matches ${condition}`);
    }
  });

  it('take gateways that have followed before for ones that a receipt may not know of', async () => {
    await step('up', 4);
    const isKnown = async () =>
      (await query("select since = '-infinity' as known from database_epoch"))[0]?.['known'];
    assert.deepEqual(await step('up', 1), ['0005_receipts']);
    assert.equal(await isKnown(), true);
    await step('down', 1);
    await fill();
    await step('up', 1);
    assert.equal(await isKnown(), false);
  });

  it('wait for each other when replicas start together', async () => {
    const env = { KEYS_OWNER_DATABASE_URL: database.ownerUrl, KEYS_DATABASE_URL: database.url };
    const options = { entry: 'services/keys/src/migrate.ts', env, readyUrl: null };
    const replicas = await Promise.all([spawnService(options), spawnService(options), spawnService(options)]);
    const exits = await Promise.all(replicas.map(({ exited }) => exited));
    const outputs = replicas.map((replica) => replica.output());
    assert.deepEqual(
      exits.map(({ code }) => code),
      [0, 0, 0],
      outputs.join('\n'),
    );
    assert.equal(outputs.filter((output) => output.includes(`applied ${names.join(', ')}`)).length, 1);
    assert.equal(outputs.filter((output) => output.includes('up to date')).length, 2);
  });

  it('say what is missing in their configuration, and exit 78', async () => {
    const replica = await spawnService({ entry: 'services/keys/src/migrate.ts', env: {}, readyUrl: null });
    assert.equal((await replica.exited).code, 78);
    assert.match(replica.output(), /KEYS_OWNER_DATABASE_URL: is required\n +KEYS_DATABASE_URL: is required/);
  });

  it('grant the service what it needs and no more', async () => {
    await run('up');
    const asService = (sql: string, values: unknown[] = []) => query(sql, values, database.url);
    await fill(asService);
    const forbidden = [
      'delete from api_keys',
      'delete from users',
      'truncate outbox',
      'update stored_events set chain_seq = 1',
      'delete from stored_events',
      'create table mine (id integer)',
      'alter table api_keys drop column version',
      'drop table outbox',
    ];
    for (const sql of forbidden) await assert.rejects(asService(sql), { code: '42501' }, sql);
  });

  it('hold keys to their shape', async () => {
    await run('up');
    const { keyId } = await fill();
    const broken = [
      "key_hash = 'plaintext'",
      'key_digest = null',
      'pepper_id = null',
      'rate_limit_per_hour = 0',
      'revoked_at = now()',
      "allowed_ips = '{}'",
      "environment = 'prod'",
      "name = ''",
      'user_id = gen_random_uuid()',
    ];
    for (const change of broken) {
      await assert.rejects(query(`update api_keys set ${change} where id = $1`, [keyId]), /violates/, change);
    }
  });

  /** All rows of all tables, in an order that does not depend on when they were last written. */
  async function everything(): Promise<Record<string, Record<string, unknown>[]>> {
    const all: Record<string, Record<string, unknown>[]> = {};
    for (const table of await tables()) {
      all[String(table)] = await query(`select * from ${table} order by 1`);
    }
    return all;
  }

  const pick = (row: Record<string, unknown>, columns: string[]) =>
    Object.fromEntries(columns.map((column) => [column, row[column]]));

  /** Users of each role and state, and keys of each standing, used and unused. */
  async function fillVariously(): Promise<void> {
    await query(
      `insert into users (id, display_name, email, role, disabled_at)
       select gen_random_uuid(), role || n, case n when 0 then 'Ada@example.org' end, role,
         case n when 2 then now() end
       from unnest(array['member', 'admin']) as role, generate_series(0, 2) as n`,
    );
    await query(
      `insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes, rate_limit_per_hour,
         version, created_at, last_used_at, expires_at, is_active, revoked_at)
       select gen_random_uuid(), 'various ' || n, '$argon2id$x', (select id from users limit 1), 'K', 'live', '{}', 1, n,
         now() - n * interval '20 days', case when n % 3 > 0 then now() - n * interval '17 days' end,
         case when n % 4 > 0 then now() + (n - 10) * interval '11 days' end,
         n % 5 > 0, case when n % 5 = 0 then now() end
       from generate_series(1, 21) as n`,
    );
  }

  /** One row in each table of this service's core. */
  async function fill(execute: (sql: string, values: unknown[]) => Promise<unknown> = query) {
    const [userId, keyId] = [randomUUID(), randomUUID()];
    const hash = '$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA';
    const digest = randomBytes(32);
    await execute("insert into users (id, display_name, role) values ($1, 'U', 'member')", [userId]);
    await execute(
      `insert into api_keys (id, key_prefix, key_hash, key_digest, pepper_id, user_id, name, environment, scopes,
         rate_limit_per_hour, version)
       values ($1, $2, $3, $4, 'p', $5, 'K', 'live', '{mlflow:read}', 1, 1)`,
      [keyId, keyId.slice(0, 20), hash, digest, userId],
    );
    await execute(
      `insert into retired_secrets (key_prefix, key_id, key_hash, key_digest, pepper_id, retired_at, valid_until)
       values ($1, $2, $3, $4, 'p', now(), now())`,
      [`old ${keyId.slice(0, 20)}`, keyId, hash, digest],
    );
    await execute('insert into key_changes (key_id, version) values ($1, 1)', [keyId]);
    await execute("insert into gateways (incarnation, gateway, epoch, trust_ms) values ($1, 'g', 'e', 1)", [
      keyId,
    ]);
    await execute("insert into outbox (id, subject, payload) values ($1, 's', '{}')", [keyId]);
    await execute(
      'insert into idempotency (caller_key_id, key_hash, fingerprint, sealed_response, expires_at) values ($1, $2, $2, $2, now())',
      [keyId, digest],
    );
    await execute('insert into stored_events (event_id, chain_seq, hash) values ($1, 1, $2)', [
      keyId,
      digest,
    ]);
    return { keyId, userId };
  }
});
