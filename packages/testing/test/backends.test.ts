import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import { Redis } from 'ioredis';
import pg from 'pg';
import {
  createDatabase,
  createNats,
  createPostgresServer,
  createRedis,
  eventually,
  sharedMlflow,
  sharedMlflow2,
  type TestNats,
  type TestRedis,
} from '../src/index.ts';

const INSTALL_LIMIT_MS = 180_000;

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000, query_timeout: 1000 });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
}

describe('databases for tests', function () {
  this.timeout(INSTALL_LIMIT_MS);

  it('are apart from each other', async () => {
    await using first = await createDatabase('keys', { migrate: false });
    await using second = await createDatabase('keys', { migrate: false });
    await query(first.ownerUrl, 'create table only_here (id int)');
    assert.deepEqual(await query(second.ownerUrl, "select from pg_tables where tablename = 'only_here'"), []);
  });

  it('let the service read and write what it is granted, but create or drop nothing', async () => {
    await using database = await createDatabase('audit', { migrate: false });
    await query(database.ownerUrl, 'create table log (id int); grant insert, select on log to hokusai_audit');
    await query(database.url, 'insert into log values (1)');
    assert.deepEqual(await query(database.url, 'select * from log'), [{ id: 1 }]);
    const forbidden = [
      'create table mine (id int)',
      'create temporary table mine (id int)',
      'create schema mine',
      'drop table log',
      'delete from log',
      'alter table log disable trigger all',
      'create database mine',
    ];
    for (const statement of forbidden) {
      await assert.rejects(query(database.url, statement), { code: '42501' }, statement);
    }
  });

  it('can not be entered with the role of another service', async () => {
    await using keys = await createDatabase('keys', { migrate: false });
    await using audit = await createDatabase('audit', { migrate: false });
    const intruder = new URL(keys.url);
    intruder.pathname = `/${audit.name}`;
    await assert.rejects(query(intruder.href, 'select 1'), { code: '42501' });
  });

  it('are gone after close', async () => {
    const database = await createDatabase('usage', { migrate: false });
    await database.close();
    await assert.rejects(query(database.adminUrl, 'select 1'), { code: '3D000' });
  });
});

describe('a Postgres of the test’s own', function () {
  this.timeout(INSTALL_LIMIT_MS);

  it('hangs while paused, keeps what was committed over a kill, and refuses while stopped', async () => {
    await using server = await createPostgresServer();
    const database = await server.createDatabase('keys', { migrate: false });
    await query(database.ownerUrl, 'create table kept as select 7 as id');
    await server.pause();
    await assert.rejects(query(database.ownerUrl, 'select * from kept'), /timeout/);
    await server.resume();
    assert.deepEqual(await query(database.ownerUrl, 'select * from kept'), [{ id: 7 }]);
    await server.kill();
    await assert.rejects(query(database.ownerUrl, 'select * from kept'), { code: 'ECONNREFUSED' });
    await server.start();
    assert.deepEqual(await query(database.ownerUrl, 'select * from kept'), [{ id: 7 }]);
  });
});

describe('Redis for tests', function () {
  this.timeout(INSTALL_LIMIT_MS);
  let redis: TestRedis;
  before(async () => {
    redis = await createRedis();
  });
  after(() => redis.close());

  const open = () => new Redis(redis.url, { maxRetriesPerRequest: 1, commandTimeout: 500 });

  it('is empty, and wants its password', async () => {
    const client = open();
    assert.equal(await client.dbsize(), 0);
    client.disconnect();
    const { host } = new URL(redis.url);
    const stranger = new Redis(`redis://${host}`);
    stranger.on('error', () => {});
    await assert.rejects(stranger.get('key'), /NOAUTH/);
    stranger.disconnect();
  });

  it('hangs while paused and has its data after a stop', async () => {
    const client = open();
    client.on('error', () => {});
    await client.set('key', 'value');
    await redis.pause();
    await assert.rejects(client.get('key'), /timed out/);
    await redis.resume();
    await redis.stop();
    await redis.start();
    await eventually(async () => assert.equal(await client.get('key'), 'value'));
    client.disconnect();
  });
});

describe('NATS for tests', function () {
  this.timeout(INSTALL_LIMIT_MS);
  let nats: TestNats;
  before(async () => {
    nats = await createNats();
  });
  after(() => nats.close());

  const open = (url: string) => {
    const { host, username, password } = new URL(url);
    return connect({ servers: host, user: username, pass: password, inboxPrefix: `_INBOX_${username}` });
  };

  it('has the streams', async () => {
    const connection = await open(nats.urls.admin);
    const streams = await (await jetstreamManager(connection)).streams.list().next();
    assert.deepEqual(streams.map(({ config }) => config.name).sort(), [
      'AUDIT',
      'AUDIT_GATEWAY',
      'DEADLETTER',
      'KEYS',
      'USAGE',
    ]);
    await connection.close();
  });

  it('lets a service publish its own subjects only', async () => {
    const connection = await open(nats.urls.gateway);
    const { stream } = await jetstream(connection).publish('hokusai.usage.v1.requests', '{}');
    assert.equal(stream, 'USAGE');
    await assert.rejects(
      jetstream(connection).publish('hokusai.keys.v1.events.created', '{}', { timeout: 1000 }),
    );
    await connection.close();
  });

  it('keeps messages over a stop', async () => {
    const gateway = await open(nats.urls.gateway);
    const { seq } = await jetstream(gateway).publish('hokusai.usage.v1.requests', '{}');
    await gateway.close();
    await nats.stop();
    await nats.start();
    const connection = await open(nats.urls.admin);
    const { state } = await (await jetstreamManager(connection)).streams.info('USAGE');
    assert.equal(state.last_seq, seq);
    await connection.close();
  });
});

describe('MLflow for tests', function () {
  this.timeout(INSTALL_LIMIT_MS);

  it('is one for the whole run and answers', async () => {
    const [first, second] = await Promise.all([sharedMlflow(), sharedMlflow()]);
    assert.equal(first.url, second.url);
    const response = await fetch(`${first.url}/api/2.0/mlflow/experiments/search?max_results=5`);
    const { experiments } = (await response.json()) as { experiments: { name: string }[] };
    assert.deepEqual(
      experiments.map(({ name }) => name),
      ['Default'],
    );
  });

  it('is there of the 2.x line too, as another server', async () => {
    const [third, second] = await Promise.all([sharedMlflow(), sharedMlflow2()]);
    const versions = await Promise.all(
      [third, second].map(async ({ url }) => (await fetch(`${url}/version`)).text()),
    );
    assert.match(versions[0] ?? '', /^3\./);
    assert.match(versions[1] ?? '', /^2\./);
  });

  it('refuses other hosts than its own', async () => {
    const { url } = await sharedMlflow();
    const path = '/api/2.0/mlflow/experiments/search?max_results=5';
    const [response] = (await once(
      get(`${url}${path}`, { headers: { host: 'evil.example' } }),
      'response',
    )) as [IncomingMessage];
    response.resume();
    assert.equal(response.statusCode, 403);
  });
});
