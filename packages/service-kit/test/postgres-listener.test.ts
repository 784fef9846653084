/** LISTEN/NOTIFY on real Postgres. */
import assert from 'node:assert/strict';
import { createPostgresServer, eventually, type TestDatabase, type TestPostgres } from '@hokusai/testing';
import pg from 'pg';
import { listenToPostgres, type PostgresListener } from '../src/index.ts';

describe('Postgres listener', function () {
  this.timeout(60_000);
  let postgres: TestPostgres;
  let database: TestDatabase;
  let listener: PostgresListener;
  let heard: string[];
  let errors: Error[];

  before(async function () {
    this.timeout(120_000);
    postgres = await createPostgresServer();
    database = await postgres.createDatabase('keys', { migrate: false });
  });

  beforeEach(() => {
    [heard, errors] = [[], []];
    listener = listenToPostgres({
      connectionString: database.url,
      applicationName: 'test-listener',
      channels: { one: () => heard.push('one'), 'the "other"': () => heard.push('other') },
      onError: (error) => errors.push(error),
    });
  });

  afterEach(async () => {
    await postgres.resume();
    await listener.close();
  });

  after(() => postgres.close());

  async function execute(text: string): Promise<pg.QueryResult> {
    const client = new pg.Client({ connectionString: database.adminUrl });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  const sessions = async () =>
    (await execute("select from pg_stat_activity where application_name = 'test-listener'")).rowCount;

  it('wakes all channels once it listens, then each at its notifications', async () => {
    await eventually(() => assert.deepEqual(heard, ['one', 'other']));
    await execute('notify "the ""other"""; notify one; notify nobody');
    await eventually(() => assert.deepEqual(heard.slice(2).toSorted(), ['one', 'other']));
    assert.deepEqual(errors, []);
  });

  it('listens again after its connection broke, and says so', async () => {
    await eventually(() => assert.equal(heard.length, 2));
    await execute(`select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'test-listener'`);
    await eventually(() => assert.equal(heard.length, 4));
    await execute('notify one');
    await eventually(() => assert.equal(heard.at(-1), 'one'));
    assert.equal(heard.length, 5);
    assert.ok(errors.length > 0);
  });

  it('listens again after the server was away', async () => {
    await eventually(() => assert.equal(heard.length, 2));
    await postgres.stop();
    await eventually(() => assert.ok(errors.some(({ message }) => /ECONNREFUSED/.test(message))));
    await postgres.start();
    await eventually(() => assert.equal(heard.length, 4));
  });

  it('leaves no session behind, and closes while the server stands still', async () => {
    await eventually(() => assert.equal(heard.length, 2));
    assert.equal(await sessions(), 1);
    await postgres.pause();
    await listener.close();
    await postgres.resume();
    await eventually(async () => assert.equal(await sessions(), 0));
  });
});
