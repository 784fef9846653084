/** Two replicas of the service under load, of which the one that is appending is killed. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { services } from '@hokusai/contracts';
import { type Bus, openBus, type Pool, type PoolClient } from '@hokusai/service-kit';
import {
  createDatabase,
  createNats,
  eventually,
  freePort,
  grpcCallers,
  spawnService,
  streamMessages,
  type TestDatabase,
  type TestNats,
  type TestService,
} from '@hokusai/testing';
import { poolOf, silent, storedIds, verdict, verify } from './support/audit-database.ts';
import { publishEvent } from './support/audit-events.ts';

const ROUNDS = 3;
const EVENTS_OF_A_ROUND = 2000;

/** Whoever has put in rows waits, in its transaction, while the gate is closed. */
const GATE = `
  create function wait_at_gate() returns trigger language plpgsql security definer as $$
  begin
    perform pg_advisory_xact_lock_shared(1);
    return null;
  end $$;
  create trigger gate after insert on audit_events for each statement execute function wait_at_gate()`;

describe('two replicas of the audit service', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let nats: TestNats;
  let keys: Bus;
  /** As the superuser. */
  let pool: Pool;
  let gate: PoolClient | undefined;
  const replicas = new Map<string, TestService>();
  const published: string[] = [];
  let started = 0;

  /** Its sessions bear its name. */
  async function start(): Promise<void> {
    started += 1;
    const name = `replica-${started}`;
    const env = {
      AUDIT_DATABASE_URL: `${database.url}?application_name=${name}`,
      NATS_URL: nats.urls.audit,
      AUDIT_GRPC_PORT: String(await freePort()),
      AUDIT_GRPC_CALLERS: grpcCallers(services.audit),
      HEALTH_PORT: String(await freePort()),
      LOG_LEVEL: 'warn',
    };
    replicas.set(name, await spawnService({ entry: 'services/audit/src/main.ts', env }));
  }

  before(async () => {
    [database, nats] = await Promise.all([createDatabase('audit'), createNats({ ackWaitMs: 2000 })]);
    pool = poolOf(database.adminUrl);
    keys = openBus({ url: nats.urls.keys, name: 'test', publishTimeoutMs: 30_000, logger: silent });
    await eventually(() => keys.check());
    await pool.query(GATE);
    await start();
    await start();
  });

  after(async () => {
    await Promise.all([...replicas.values()].map((replica) => replica.stop()));
    await Promise.all([keys?.close(), pool?.end()]);
    await nats?.close();
    await database?.close();
  });

  async function closeGate(): Promise<void> {
    gate = await pool.connect();
    await gate.query('select pg_advisory_lock(1)');
  }

  async function openGate(): Promise<void> {
    await gate?.query('select pg_advisory_unlock(1)');
    gate?.release();
    gate = undefined;
  }

  afterEach(openGate);

  /** The replica that waits in the middle of a transaction which has locked the head of the chain. */
  async function appending(): Promise<string> {
    return await eventually(async () => {
      const { rows } = await pool.query<{ name: string }>(
        `select application_name as name from pg_stat_activity
         where application_name like 'replica-%' and wait_event_type = 'Lock' and wait_event = 'advisory'`,
      );
      assert.equal(rows.length, 1);
      return rows[0]?.name as string;
    });
  }

  /** The replicas that wait for the head of the chain. */
  async function waiting(): Promise<string[]> {
    const { rows } = await pool.query<{ name: string }>(
      `select distinct application_name as name from pg_stat_activity
       where application_name like 'replica-%' and wait_event_type = 'Lock' and wait_event <> 'advisory'`,
    );
    return rows.map(({ name }) => name);
  }

  async function areAllStored(): Promise<void> {
    await eventually(async () => {
      const [stored] = (await pool.query<{ count: number }>('select count(*)::int from audit_events')).rows;
      assert.ok((stored?.count ?? 0) >= published.length);
    });
    assert.deepEqual((await storedIds(pool)).toSorted(), published.toSorted());
    const { rows } = await pool.query<{ first: string; last: string; rows: string; successors: string }>(
      `select min(chain_seq) as first, max(chain_seq) as last, count(*) as rows,
         count(distinct previous_hash) as successors from audit_events`,
    );
    const all = String(published.length);
    assert.deepEqual(rows, [{ first: '1', last: all, rows: all, successors: all }]);
    assert.equal(verdict(await verify(pool)), `intact, ${all} rows`);
  }

  function publish(): Promise<unknown> {
    const ids = Array.from({ length: EVENTS_OF_A_ROUND }, () => randomUUID());
    published.push(...ids);
    return Promise.all(ids.map((id) => publishEvent(keys, id)));
  }

  it('share the work, and make one chain of it', async () => {
    await closeGate();
    const publishing = publish();
    const leader = await appending();
    const follower = await eventually(async () => {
      const [name, ...others] = await waiting();
      assert.ok(name !== undefined && others.length === 0);
      return name;
    });
    assert.deepEqual([leader, follower].toSorted(), [...replicas.keys()].toSorted());
    await openGate();
    await publishing;
    await areAllStored();
  });

  it('lose nothing and fork nothing when the one that is appending is killed, time and again', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await closeGate();
      const publishing = publish();
      const leader = await appending();
      const victim = replicas.get(leader) as TestService;
      victim.signal('SIGKILL');
      await victim.exited;
      replicas.delete(leader);
      // Its session may wait on for the gate without it; this waits until it is gone.
      await pool.query(
        'select pg_terminate_backend(pid, 10000) from pg_stat_activity where application_name = $1',
        [leader],
      );
      // Before anybody takes its place.
      const [survivor] = [...replicas.keys()];
      assert.equal(await appending(), survivor);
      await openGate();
      await publishing;
      await areAllStored();
      await start();
    }
    assert.deepEqual(await streamMessages(nats.urls.admin, 'DEADLETTER'), []);
  });
});
