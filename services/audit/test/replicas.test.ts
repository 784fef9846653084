/** Two replicas of the service under load, of which the one that is appending is killed. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { services } from '@hokusai/contracts';
import { type Bus, openBus, type Pool } from '@hokusai/service-kit';
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

describe('two replicas of the audit service', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let nats: TestNats;
  let keys: Bus;
  /** As the superuser. */
  let pool: Pool;
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
    await start();
    await start();
  });

  after(async () => {
    await Promise.all([...replicas.values()].map((replica) => replica.stop()));
    await Promise.all([keys?.close(), pool?.end()]);
    await nats?.close();
    await database?.close();
  });

  /** The replica that is in the middle of a transaction which has locked the head of the chain. */
  async function appending(): Promise<string> {
    return await eventually(
      async () => {
        const { rows } = await pool.query<{ name: string }>(
          `select application_name as name from pg_locks join pg_stat_activity using (pid)
           where relation = 'audit_events'::regclass and mode = 'RowExclusiveLock' and granted
             and application_name like 'replica-%'`,
        );
        assert.equal(rows.length, 1);
        return rows[0]?.name as string;
      },
      { intervalMs: 1 },
    );
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
    const publishing = publish();
    const seen = new Set<string>();
    await eventually(
      async () => {
        seen.add(await appending());
        assert.equal(seen.size, 2);
      },
      { intervalMs: 1 },
    );
    await publishing;
    await areAllStored();
  });

  it('lose nothing and fork nothing when the one that is appending is killed, time and again', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const publishing = publish();
      const leader = await appending();
      const victim = replicas.get(leader) as TestService;
      victim.signal('SIGKILL');
      await victim.exited;
      replicas.delete(leader);
      // Before anybody takes its place.
      const [survivor] = [...replicas.keys()];
      assert.equal(await appending(), survivor);
      await publishing;
      await areAllStored();
      await start();
    }
    assert.deepEqual(await streamMessages(nats.urls.admin, 'DEADLETTER'), []);
  });
});
