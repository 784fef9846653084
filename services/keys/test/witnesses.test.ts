/** AuditWitnessService over gRPC, and the thinning of what it shows, on real Postgres. */
import assert from 'node:assert/strict';
import { createServiceClient, HokusaiError, type ServiceClient, services } from '@hokusai/contracts';
import {
  bindService,
  createPool,
  type Pool,
  type RunningGrpcServer,
  startGrpcServer,
} from '@hokusai/service-kit';
import { createDatabase, grpcAdmission, grpcToken, type TestDatabase } from '@hokusai/testing';
import { createListWitnesses } from '../src/application/list-witnesses.ts';
import { RefusalFolds } from '../src/domain/refusal-folds.ts';
import { witnessHandlers } from '../src/grpc/witness.ts';
import { createWitnessStore } from '../src/storage/witness-store.ts';
import { type Core, type IssuedKey, openCore } from './support/core.ts';

describe('AuditWitnessService', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let superuser: Pool;
  let admin: IssuedKey;
  let server: RunningGrpcServer;
  let client: ServiceClient<typeof services.auditWitness>;

  before(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url);
    const connectionString = database.adminUrl;
    superuser = createPool({ connectionString, max: 2, applicationName: 'test', onError: () => {} });
    admin = await core.bootstrapAdmin();
    const listWitnesses = createListWitnesses({
      store: core.store,
      events: core.events,
      refusalFolds: new RefusalFolds(0),
      monotonic: () => 0,
      witnesses: createWitnessStore(core.pool),
    });
    server = await startGrpcServer({ host: '127.0.0.1', port: 0, ...grpcAdmission(services.auditWitness) }, [
      bindService(
        services.auditWitness,
        witnessHandlers(listWitnesses, () => {}),
      ),
    ]);
    client = createServiceClient(services.auditWitness, {
      ...{ peer: 'keys', address: `127.0.0.1:${server.port}`, timeoutMs: 10_000, token: grpcToken },
    });
  });

  after(async () => {
    client.close();
    await server.close();
    await Promise.all([core.close(), superuser.end()]);
    await database.close();
  });

  beforeEach(async () => {
    await superuser.query(`delete from stored_events; update stored_events_thinned set up_to = '-infinity'`);
  });

  /** Witnesses of rows 1, 2, …, confirmed so many hours ago. */
  const confirm = (hoursAgo: readonly number[]) =>
    superuser.query(
      `insert into stored_events (event_id, chain_seq, hash, confirmed_at)
       select gen_random_uuid(), n, sha256(int8send(n)),
         date_bin('1 hour', clock_timestamp(), '2000-01-01Z') - ago * interval '1 hour'
       from unnest($1::float8[]) with ordinality as given (ago, n)`,
      [hoursAgo],
    );

  const list = (request: object = {}, by = admin) =>
    client.call('ListWitnesses', { caller: by.caller, ...request });

  const rowsOf = async () => (await list()).witnesses.map(({ chainSeq }) => Number(chainSeq));

  it('pages through them in the order of the log', async () => {
    await confirm([5, 4, 3, 2, 1]);
    const first = await list({ pageSize: 3 });
    assert.deepEqual(
      first.witnesses.map(({ chainSeq }) => chainSeq),
      ['1', '2', '3'],
    );
    assert.equal(first.witnesses[0]?.hash.length, 32);
    assert.equal(first.hasMore, true);
    const second = await list({ pageSize: 3, afterChainSeq: 3 });
    assert.deepEqual([second.witnesses.length, second.hasMore], [2, false]);
  });

  it('is for admins, and for pages that are not too large', async () => {
    const refusal = async (call: Promise<unknown>) => {
      const error = await call.catch((thrown: unknown) => thrown);
      return error instanceof HokusaiError ? error.code : error;
    };
    assert.equal(await refusal(list({}, await core.memberKey(admin))), 'permission_denied');
    assert.equal(await refusal(list({ pageSize: 10_001 })), 'unprocessable');
    const { rows } = await superuser.query(
      `select payload -> 'data' ->> 'action' as action from outbox where payload -> 'data' ->> 'outcome' = 'refused'`,
    );
    assert.ok(
      rows.some(({ action }) => action === 'audit.read'),
      JSON.stringify(rows),
    );
  });

  it('keeps those of the last 30 days, and before that the last of each hour', async () => {
    const month = 30 * 24;
    await confirm([
      month + 50,
      month + 49.5,
      month + 49.2,
      month + 10,
      month + 9.5,
      month - 1,
      month - 1.5,
      0,
    ]);
    const { thinWitnesses } = createWitnessStore(core.pool);
    while (await thinWitnesses());
    assert.deepEqual(await rowsOf(), [3, 5, 6, 7, 8]);
    assert.equal(await thinWitnesses(), false);
  });

  it('lets the service thin them in no other way', async () => {
    await confirm([1, 1, 1]);
    const { thinWitnesses } = createWitnessStore(core.pool);
    assert.equal(await thinWitnesses(), false);
    for (const statement of [
      'delete from stored_events',
      `update stored_events_thinned set up_to = 'infinity'`,
      `create or replace function thin_stored_events() returns boolean language sql as 'select true'`,
    ])
      await assert.rejects(core.pool.query(statement), { code: '42501' });
    assert.equal((await rowsOf()).length, 3);
  });
});
