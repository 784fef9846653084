/** Last uses of keys and secrets, from the stream USAGE to the database. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { CONSUMERS, cloudEvent, SUBJECTS, type UsageBatch } from '@hokusai/contracts';
import { type Bus, createLogger, createPool, openBus, type Pool } from '@hokusai/service-kit';
import {
  createNats,
  createPostgresServer,
  eventually,
  type TestDatabase,
  type TestNats,
  type TestPostgres,
} from '@hokusai/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect } from '@nats-io/transport-node';
import pg from 'pg';
import { consumeLastUsed } from '../src/events/last-used.ts';

const NOON = Date.parse('2026-01-01T12:00:00Z');

describe('last use', function () {
  this.timeout(60_000);
  let postgres: TestPostgres;
  let database: TestDatabase;
  let nats: TestNats;
  let admin: pg.Client;
  let pool: Pool;
  let gateway: Bus;
  let keys: Bus;
  let published = 0;

  const open = (user: 'gateway' | 'keys') => {
    const logger = createLogger({ service: user, level: 'silent' });
    return openBus({ url: nats.urls[user], name: user, publishTimeoutMs: 20_000, logger });
  };

  before(async function () {
    this.timeout(120_000);
    postgres = await createPostgresServer();
    database = await postgres.createDatabase('keys');
  });

  beforeEach(async () => {
    nats = await createNats();
    admin = new pg.Client({ connectionString: database.adminUrl });
    admin.on('error', () => {
      // The server is stopped by one of the tests.
    });
    await admin.connect();
    pool = createPool({
      connectionString: database.url,
      max: 2,
      applicationName: 'test-last-used',
      onError: () => {},
    });
    [gateway, keys] = [open('gateway'), open('keys')];
    await eventually(() => gateway.check());
    consumeLastUsed(keys, pool);
  });

  afterEach(async () => {
    await Promise.all([gateway.close(), keys.close()]);
    await pool.end();
    await admin.end();
    await nats.close();
  });

  after(() => postgres.close());

  async function addKey(): Promise<string> {
    const [id, userId] = [randomUUID(), randomUUID()];
    await admin.query("insert into users (id, display_name, role) values ($1, 'u', 'member')", [userId]);
    await admin.query(
      `insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes, rate_limit_per_hour, version)
       values ($1, $2, '$argon2id$', $3, 'k', 'live', '{}', 1, 1)`,
      [id, `new-${id.slice(0, 8)}`, userId],
    );
    await admin.query(
      `insert into retired_secrets (key_id, key_prefix, key_hash, retired_at, valid_until)
       values ($1, $2, '$argon2id$', now(), now())`,
      [id, `old-${id.slice(0, 8)}`],
    );
    return id;
  }

  const prefixOf = (kind: 'new' | 'old', keyId: string) => `${kind}-${keyId.slice(0, 8)}`;

  async function use(
    keyId: string,
    atMs: number,
    ip: string,
    prefix = prefixOf('new', keyId),
  ): Promise<void> {
    const request = {
      sequence: 1,
      key_id: keyId,
      secret_prefix: prefix,
      user_id: randomUUID(),
      upstream: 'mlflow',
      endpoint: '/api/2.0/mlflow/runs/get',
      method: 'GET',
      timestamp: new Date(atMs).toISOString(),
      response_time_ms: 1,
      first_byte_ms: 1,
      status_code: 200,
      refusal: null,
      bytes_in: 0,
      bytes_out: 0,
      client_ip: ip,
      user_agent_family: 'curl',
      request_id: 'r',
      trace_id: null,
    };
    await publish({
      incarnation: randomUUID(),
      gateway: 'g',
      from: 1,
      to: 1,
      requests: [request],
      refusals: [],
    });
  }

  async function publish(data: UsageBatch | string): Promise<void> {
    published += 1;
    const id = `batch-${published}`;
    const subject = SUBJECTS.usageRequests;
    const event = cloudEvent({ id, source: '/hokusai/gateway/g', subject, time: new Date(NOON), data });
    await gateway.publish(subject, Buffer.from(JSON.stringify(event)), id);
  }

  const keyUse = async (keyId: string) => {
    const { rows } = await admin.query(
      'select last_used_at as at, host(last_used_ip) as ip, version::int from api_keys where id = $1',
      [keyId],
    );
    return rows[0] as { at: Date | null; ip: string | null; version: number };
  };
  const isUsed = (keyId: string, atMs: number, ip: string | null) =>
    eventually(async () => assert.deepEqual(await keyUse(keyId), { at: new Date(atMs), ip, version: 1 }));

  it('notes a use, forwards only, and by a minute at least', async () => {
    const [keyId, later] = [await addKey(), await addKey()];
    await use(keyId, NOON, '10.0.0.1');
    await isUsed(keyId, NOON, '10.0.0.1');
    await use(keyId, NOON + 59_999, '10.0.0.2');
    await use(keyId, NOON - 3_600_000, '10.0.0.3');
    // Messages are handled in order: once this one is, those before it are.
    await use(later, NOON, '10.0.0.4');
    await isUsed(later, NOON, '10.0.0.4');
    await isUsed(keyId, NOON, '10.0.0.1');
    await use(keyId, NOON + 60_000, 'unknown');
    await isUsed(keyId, NOON + 60_000, null);
  });

  it('notes the use of a retired secret with the secret and with its key', async () => {
    const keyId = await addKey();
    await use(keyId, NOON, '2001:db8::1', prefixOf('old', keyId));
    await isUsed(keyId, NOON, '2001:db8::1');
    await eventually(async () => {
      const { rows } = await admin.query(
        'select last_used_at as at, host(last_used_ip) as ip from retired_secrets where key_id = $1',
        [keyId],
      );
      assert.deepEqual(rows, [{ at: new Date(NOON), ip: '2001:db8::1' }]);
    });
  });

  it('notes the first use of a retired secret after its rotation, however shortly before that it was used', async () => {
    const keyId = await addKey();
    const rotatedAt = NOON - 30_000;
    const note = 'update retired_secrets set retired_at = $2, last_used_at = $3 where key_id = $1';
    await admin.query(note, [keyId, new Date(rotatedAt), new Date(rotatedAt - 1000)]);
    await use(keyId, rotatedAt + 1000, '10.0.0.1', prefixOf('old', keyId));
    await use(keyId, rotatedAt + 2000, '10.0.0.2', prefixOf('old', keyId));
    await eventually(async () => {
      const { rows } = await admin.query('select last_used_at as at from retired_secrets where key_id = $1', [
        keyId,
      ]);
      assert.ok([1000, 2000].includes(rows[0].at.getTime() - rotatedAt), String(rows[0].at));
    });
  });

  it('does not believe a clock that is ahead', async () => {
    const keyId = await addKey();
    await use(keyId, Date.now() + 3_600_000, '10.0.0.1');
    const { at } = await eventually(async () => {
      const row = await keyUse(keyId);
      assert.ok(row.at);
      return row;
    });
    const { rows } = await admin.query('select $1 <= clock_timestamp() as is_past', [at]);
    assert.deepEqual(rows, [{ is_past: true }]);
  });

  it('is not held up by what it can’t read, and puts that aside', async () => {
    const keyId = await addKey();
    await publish('not a batch');
    await use(keyId, NOON, '10.0.0.1');
    await use(randomUUID(), NOON, '10.0.0.1');
    await isUsed(keyId, NOON, '10.0.0.1');
    const { username: user, password: pass, host: servers } = new URL(nats.urls.admin);
    const broker = await connect({ servers, user, pass });
    const { streams } = await jetstreamManager(broker);
    await eventually(async () => assert.equal((await streams.info('DEADLETTER')).state.messages, 1));
    await broker.close();
  });

  it('loses no use while the database is away', async () => {
    const keyId = await addKey();
    await postgres.stop();
    await use(keyId, NOON, '10.0.0.1');
    await eventually(async () => {
      const { username: user, password: pass, host: servers } = new URL(nats.urls.admin);
      const broker = await connect({ servers, user, pass });
      const { stream, durable } = CONSUMERS.keysLastUsed;
      const { num_redelivered: tries } = await (await jetstreamManager(broker)).consumers.info(
        stream,
        durable,
      );
      await broker.close();
      assert.ok(tries > 0);
    });
    await postgres.start();
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    await isUsed(keyId, NOON, '10.0.0.1');
  });
});
