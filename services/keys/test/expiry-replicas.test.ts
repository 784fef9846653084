/** Replicas of the service that sweep the same database, one of which is killed in the middle. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { createDatabase, eventually, freePort, spawnService, type TestDatabase } from '@hokusai/testing';
import pg from 'pg';
import { serviceEnvironment } from './support/service.ts';

const EXPIRED = 350;
const NEAR = 150;

describe('expiry, with several replicas', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let admin: pg.Client;

  beforeEach(async () => {
    database = await createDatabase('keys');
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    await fill();
  });

  afterEach(async () => {
    await admin.end();
    await database.close();
  });

  const startReplica = async () =>
    spawnService({
      entry: 'services/keys/src/main.ts',
      env: {
        ...serviceEnvironment(database.url),
        ...{ HEALTH_PORT: String(await freePort()), EXPIRY_SWEEP_SECONDS: '1' },
      },
      readyTimeoutMs: 60_000,
    });

  const count = async (sql: string) => Number((await admin.query(`select count(*) ${sql}`)).rows[0].count);

  it('is told once each, also when the replica that was at it is killed', async () => {
    const other = new pg.Client({ connectionString: database.adminUrl });
    await other.connect();
    await other.query('begin; lock table outbox in share mode');
    const victim = await startReplica();
    const isInTheMiddle = `from pg_locks where relation = 'outbox'::regclass and not granted
      and pid in (select pid from pg_locks where locktype = 'advisory' and granted)`;
    await eventually(async () => assert.equal(await count(isInTheMiddle), 1));
    const replicas = await Promise.all([startReplica(), startReplica()]);
    victim.signal('SIGKILL');
    await victim.exited;
    assert.equal(await count('from api_keys where not is_active'), 0);
    await other.end();
    const due = 'from api_keys where expiry_due_at <= now()';
    await eventually(async () => assert.equal(await count(due), 0));
    for (const replica of replicas) assert.deepEqual(await replica.stop(), { code: 0, signal: null });
    assert.deepEqual(await told(), {
      'audit.v1.keys.key.expired': [EXPIRED, EXPIRED],
      'keys.v1.events.expired': [EXPIRED, EXPIRED],
      'keys.v1.events.expiring 1d': [NEAR, NEAR],
    });
    const once = await admin.query(
      'select count(*)::int, count(distinct key_id)::int as keys from key_changes',
    );
    assert.deepEqual(once.rows, [{ count: EXPIRED, keys: EXPIRED }]);
  });

  /** Of each kind of event: how many, and of how many keys. */
  async function told(): Promise<Record<string, [number, number]>> {
    const { rows } = await admin.query(
      `select concat_ws(' ', replace(subject, 'hokusai.', ''), payload #>> '{data,notice}') as what, count(*)::int,
         count(distinct coalesce(payload #>> '{data,key_id}', payload #>> '{data,target,id}'))::int as keys
       from outbox group by 1 order by 1`,
    );
    return Object.fromEntries(rows.map(({ what, count, keys }) => [what, [count, keys]]));
  }

  async function fill(): Promise<void> {
    const userId = randomUUID();
    await admin.query("insert into users (id, display_name, role) values ($1, 'U', 'member')", [userId]);
    const insert = `insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes,
         rate_limit_per_hour, version, expires_at)
       select gen_random_uuid(), $1 || n, '$argon2id$x', $2, 'K', 'live', '{}', 1, 1,
         now() + $3 * interval '1 hour'
       from generate_series(1, $4) as n`;
    await admin.query(insert, ['expired', userId, -1, EXPIRED]);
    await admin.query(insert, ['near', userId, 12, NEAR]);
    // They had more than a day left when it was set.
    await admin.query("update api_keys set expiry_due_at = now() where key_prefix like 'near%'");
  }
});
