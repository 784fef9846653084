/** Transactions on real Postgres. */
import assert from 'node:assert/strict';
import { createPostgresServer, type TestDatabase, type TestPostgres } from '@hokusai/testing';
import pg from 'pg';
import { createPool, type Pool, transaction } from '../src/index.ts';

describe('Postgres transaction', function () {
  this.timeout(60_000);
  let postgres: TestPostgres;
  let database: TestDatabase;
  let pool: Pool;
  let admin: pg.Client;

  before(async function () {
    this.timeout(120_000);
    postgres = await createPostgresServer();
    database = await postgres.createDatabase('keys', { migrate: false });
    pool = createPool({
      connectionString: database.url,
      max: 1,
      applicationName: 'test-transaction',
      onError: () => {},
    });
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
  });

  after(async () => {
    await pool?.end();
    await admin?.end();
    await postgres?.close();
  });

  const backendOf = async (client: pg.PoolClient) =>
    (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
  const terminate = (pid: number | undefined) => admin.query('select pg_terminate_backend($1)', [pid]);

  // Mocha takes an uncaught exception, which would end a service, for a failure.
  it('fails, and nothing else does, when its connection breaks during a statement', async () => {
    const broken = transaction(pool, async (client) => {
      const pid = await backendOf(client);
      const statement = client.query('select pg_sleep(30)');
      await Promise.all([statement, terminate(pid)]);
    });
    await assert.rejects(broken);
    assert.equal((await pool.query('select 1')).rowCount, 1);
  });

  it('fails, and nothing else does, when its connection breaks between statements', async () => {
    const broken = transaction(pool, async (client) => {
      const closed = new Promise((resolve) => client.once('end', resolve));
      await terminate(await backendOf(client));
      await closed;
      await client.query('select 1');
    });
    await assert.rejects(broken);
    assert.equal((await pool.query('select 1')).rowCount, 1);
  });
});
