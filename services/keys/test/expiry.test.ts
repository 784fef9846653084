/** Expiries swept, on real Postgres, whose clock decides. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { auditEventEventSchema, keyEventEventSchema } from '@hokusai/contracts';
import { createLogger } from '@hokusai/service-kit';
import { createDatabase, eventually, type TestDatabase } from '@hokusai/testing';
import fc from 'fast-check';
import pg from 'pg';
import { nextStepAt } from '../src/domain/expiry.ts';
import { sweep } from '../src/expiry/sweep.ts';
import { startSweeper } from '../src/expiry/sweeper.ts';
import { createExpiryStore, SWEEP_LOCK_ID } from '../src/storage/expiry-store.ts';
import { type Core, type IssuedKey, openCore, outbox, policy } from './support/core.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('expiry', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  let owner: pg.Client;

  beforeEach(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url);
    admin = await core.bootstrapAdmin();
    owner = new pg.Client({ connectionString: database.adminUrl });
    await owner.connect();
  });

  afterEach(async () => {
    await owner.end();
    await core.close();
    await database.close();
  });

  const store = () => createExpiryStore(core.pool, policy.defaultLimits);
  const sweepOnce = () => sweep({ store: store(), events: core.events });
  const expiringIn = (ms: number) => core.issue(admin, { expiresAt: new Date(Date.now() + ms) });
  const extend = ({ key }: IssuedKey, ms: number) =>
    core.change(admin, key.id, { expiresAt: new Date(Date.now() + ms) });
  const rowOf = async ({ key }: IssuedKey) =>
    (await core.pool.query('select * from api_keys where id = $1', [key.id])).rows[0];

  /** As if the database's clock had moved on, which it can't: all that it compares with moves back. */
  async function pass(ms: number): Promise<void> {
    await owner.query("set session_replication_role = 'replica'");
    await owner.query(
      `update api_keys set expires_at = expires_at - $1 * interval '1 ms',
         expiry_due_at = expiry_due_at - $1 * interval '1 ms'`,
      [ms],
    );
    await owner.query("set session_replication_role = 'origin'");
  }

  /** What subscribers were told of a key, without its creation. */
  async function toldOf({ key }: IssuedKey): Promise<string[]> {
    const events = (await outbox(core.pool)).filter(({ subject }) => subject.startsWith('hokusai.keys.'));
    const told = events.map(({ subject, payload }) => {
      const { data } = keyEventEventSchema.parse(payload);
      return { id: data.key_id, text: [subject.split('.').at(-1), data.notice].filter(Boolean).join(' ') };
    });
    return told.flatMap(({ id, text }) => (id === key.id && text !== 'created' ? [text] : []));
  }

  it('deactivates a key whose time has come, and tells everyone', async () => {
    const victim = await expiringIn(HOUR_MS / 2);
    assert.deepEqual(await sweepOnce(), { deactivated: 0, announced: 0, hasMore: false });
    await pass(HOUR_MS / 2);
    assert.deepEqual(await sweepOnce(), { deactivated: 1, announced: 0, hasMore: false });
    const { found } = await core.reader.readState(victim.key.id);
    assert.deepEqual([found?.key.isActive, found?.key.revokedAt], [false, null]);
    assert.ok((found?.key.version ?? 0n) > victim.key.version);
    const changes = await core.pool.query('select from key_changes where key_id = $1 and version = $2', [
      ...[victim.key.id, String(found?.key.version)],
    ]);
    assert.equal(changes.rowCount, 1);
    const [audit, event] = (await outbox(core.pool)).slice(-2);
    const { data } = auditEventEventSchema.parse(audit?.payload);
    assert.deepEqual([data.action, data.outcome, data.actor.via], ['key.expired', 'success', 'sweeper']);
    assert.deepEqual(
      [data.target?.id, data.before, data.after],
      [...[victim.key.id, { is_active: true }, { is_active: false }]],
    );
    assert.equal(keyEventEventSchema.parse(event?.payload).data.is_active, false);
    assert.deepEqual(await toldOf(victim), ['expired']);
    // Once is enough.
    assert.deepEqual(await sweepOnce(), { deactivated: 0, announced: 0, hasMore: false });
  });

  it('wakes those who listen for changes and events', async () => {
    await expiringIn(HOUR_MS / 2);
    await pass(HOUR_MS);
    const heard = new Set<string>();
    const listener = await core.pool.connect();
    try {
      listener.on('notification', ({ channel }) => heard.add(channel));
      await listener.query('listen hokusai_key_changes; listen hokusai_outbox');
      await sweepOnce();
      await listener.query("notify hokusai_outbox, 'last'");
      assert.deepEqual(heard, new Set(['hokusai_key_changes', 'hokusai_outbox']));
    } finally {
      listener.release(true);
    }
  });

  it('is announced 7 days, a day and an hour ahead, once each, without a change of the key', async () => {
    const key = await expiringIn(8 * DAY_MS);
    const told: [string, number][] = [];
    for (let hours = 0; hours <= 8 * 24 + 1; hours += 1) {
      await sweepOnce();
      const now = await toldOf(key);
      if (now.length > told.length) told.push([now.slice(told.length).join(), hours]);
      if (hours < 8 * 24) assert.equal((await rowOf(key)).version, String(key.key.version));
      await pass(HOUR_MS);
    }
    // An hour later than its moment at most: so much passes between two sweeps here.
    const moments = [
      ['expiring 7d', 24],
      ['expiring 1d', 168],
      ['expiring 1h', 191],
      ['expired', 192],
    ] as const;
    for (const [index, [text, hours]] of moments.entries()) {
      assert.equal(told[index]?.[0], text);
      assert.ok(hours <= (told[index]?.[1] ?? 0) && (told[index]?.[1] ?? 0) <= hours + 1, String(told));
    }
    assert.equal(told.length, 4);
  });

  it('is not announced by a lead that had passed when it was set', async () => {
    const [days, hours] = [await expiringIn(3 * DAY_MS), await expiringIn(HOUR_MS - 1000)];
    await sweepOnce();
    assert.deepEqual([await toldOf(days), await toldOf(hours)], [[], []]);
    await pass(2 * DAY_MS + 1);
    await sweepOnce();
    assert.deepEqual([await toldOf(days), await toldOf(hours)], [['expiring 1d'], ['expired']]);
  });

  it('is announced by the nearest lead only after an outage, and not at all once it has come', async () => {
    const [late, over] = [await expiringIn(8 * DAY_MS), await expiringIn(7 * DAY_MS + HOUR_MS)];
    await pass(7 * DAY_MS + 2 * HOUR_MS);
    await sweepOnce();
    assert.deepEqual([await toldOf(late), await toldOf(over)], [['expiring 1d'], ['expired']]);
  });

  it('is announced anew when it is set anew', async () => {
    const key = await expiringIn(2 * DAY_MS);
    await pass(1.5 * DAY_MS);
    await sweepOnce();
    assert.deepEqual(await toldOf(key), ['expiring 1d']);
    await extend(key, 8 * DAY_MS);
    await sweepOnce();
    assert.deepEqual(await toldOf(key), ['expiring 1d', 'updated']);
    await pass(7.5 * DAY_MS);
    await sweepOnce();
    assert.deepEqual((await toldOf(key)).slice(2), ['expiring 1d']);
    await pass(DAY_MS);
    await sweepOnce();
    assert.deepEqual((await toldOf(key)).at(-1), 'expired');
    // A key whose expiry is extended after it had come works again, and expires again.
    await extend(key, 2 * HOUR_MS);
    assert.equal((await core.validateKey(key.plaintext)).found?.key.isActive, true);
    await pass(1.5 * HOUR_MS);
    await sweepOnce();
    await pass(HOUR_MS);
    await sweepOnce();
    assert.deepEqual((await toldOf(key)).slice(-2), ['expiring 1h', 'expired']);
  });

  it('loses no notice to a change that leaves the expiry as it is', async () => {
    const key = await expiringIn(2 * DAY_MS);
    await pass(1.5 * DAY_MS);
    const change =
      "update api_keys set name = 'new', expires_at = expires_at, is_active = true where id = $1";
    await core.pool.query(change, [key.key.id]);
    await sweepOnce();
    assert.deepEqual(await toldOf(key), ['expiring 1d']);
  });

  it('is nothing to a key that was revoked or has no expiry', async () => {
    const [revoked, eternal] = [await expiringIn(8 * DAY_MS), await core.issue(admin)];
    await core.revoke(admin, revoked.key.id);
    assert.deepEqual((await rowOf(revoked)).expiry_due_at, null);
    await pass(9 * DAY_MS);
    assert.deepEqual(await sweepOnce(), { deactivated: 0, announced: 0, hasMore: false });
    assert.deepEqual([await toldOf(revoked), await toldOf(eternal)], [['revoked'], []]);
    const due = core.pool.query('update api_keys set expiry_due_at = now() where id = $1', [eternal.key.id]);
    await assert.rejects(due, /due_with_an_expiry/);
  });

  it('takes its steps from the same rule in the database and here', async () => {
    const around = fc.integer({ min: -10 * DAY_MS, max: 10 * DAY_MS });
    const exact = fc
      .constantFrom(0, HOUR_MS, DAY_MS, 7 * DAY_MS)
      .chain((lead) => fc.integer({ min: -1, max: 1 }).map((ms) => lead + ms));
    const pairs = fc.sample(fc.oneof(around, exact), 1000).map((leftMs) => {
      const moment = new Date(Date.UTC(2026, 2, 29) + (leftMs % 5000));
      return { moment, expiresAt: new Date(moment.getTime() + leftMs) };
    });
    // A session where days have other than 24 hours at times.
    await owner.query("set timezone = 'Europe/Berlin'");
    const { rows } = await owner.query(
      `select next_expiry_step(expires_at, moment) as step
       from unnest($1::timestamptz[], $2::timestamptz[]) with ordinality as pair (expires_at, moment, place)
       order by place`,
      [pairs.map(({ expiresAt }) => expiresAt), pairs.map(({ moment }) => moment)],
    );
    assert.deepEqual(
      rows.map(({ step }) => step),
      pairs.map(({ expiresAt, moment }) => nextStepAt(expiresAt, moment)),
    );
  });

  it('is swept by one replica at a time', async () => {
    const victim = await expiringIn(HOUR_MS / 2);
    await pass(HOUR_MS);
    await owner.query('select pg_advisory_lock($1)', [SWEEP_LOCK_ID]);
    assert.equal(await sweepOnce(), null);
    await owner.query('select pg_advisory_unlock($1)', [SWEEP_LOCK_ID]);
    assert.equal((await sweepOnce())?.deactivated, 1);
    assert.deepEqual(await toldOf(victim), ['expired']);
  });

  it('does not wait for a key that somebody is changing', async () => {
    const [held, free] = [await expiringIn(HOUR_MS / 2), await expiringIn(HOUR_MS / 2)];
    await pass(HOUR_MS);
    await owner.query('begin');
    await owner.query('select from api_keys where id = $1 for update', [held.key.id]);
    assert.equal((await sweepOnce())?.deactivated, 1);
    assert.deepEqual([await toldOf(held), await toldOf(free)], [[], ['expired']]);
    await owner.query('rollback');
    await sweepOnce();
    assert.deepEqual(await toldOf(held), ['expired']);
  });

  it('is told once each where several sweep at the same time', async () => {
    await addKeys(430, HOUR_MS / 2);
    await addKeys(150, 8 * DAY_MS);
    await pass(7.5 * DAY_MS);
    const sweepAll = async () => {
      for (let quiet = 0; quiet < 3; ) {
        const swept = await sweepOnce();
        quiet = swept?.hasMore === false ? quiet + 1 : 0;
      }
    };
    await Promise.all([sweepAll(), sweepAll(), sweepAll()]);
    await assertToldOnce({ expired: 430, 'expiring 1d': 150 });
  });

  it('forgets retired secrets 90 days after they were last accepted', async () => {
    const insert = `insert into retired_secrets (key_prefix, key_id, key_hash, retired_at, valid_until)
      values ($1, $2, '$argon2id$x', now() - interval '95 days', now() - $3 * interval '1 hour')`;
    for (const [prefix, hours] of [
      ['young', 90 * 24 - 1],
      ['old', 90 * 24],
      ['older', 94 * 24],
    ])
      await core.pool.query(insert, [prefix, admin.key.id, hours]);
    const logger = createLogger({ service: 'keys', level: 'silent' });
    const sweeper = startSweeper({ store: store(), events: core.events, intervalMs: 10, logger });
    const left = async () => (await core.pool.query('select key_prefix from retired_secrets')).rows;
    await eventually(async () => assert.deepEqual(await left(), [{ key_prefix: 'young' }]));
    await sweeper.close();
  });

  /** Keys by the bulk, made behind the service's back. */
  async function addKeys(count: number, expiresInMs: number): Promise<void> {
    await core.pool.query(
      `insert into api_keys (id, key_prefix, key_hash, user_id, name, environment, scopes, rate_limit_per_hour,
         version, expires_at)
       select gen_random_uuid(), $1 || n, '$argon2id$x', $2, 'K', 'live', '{}', 1, 1,
         now() + $3 * interval '1 ms'
       from generate_series(1, $4) as n`,
      [randomUUID().slice(0, 8), admin.key.userId, expiresInMs, count],
    );
  }

  /** Each kind of event about as many keys, and no key twice. */
  async function assertToldOnce(expected: Record<string, number>): Promise<void> {
    const { rows } = await owner.query(
      `select concat_ws(' ', split_part(subject, '.', 5), payload #>> '{data,notice}') as what, count(*)::int,
         count(distinct payload #>> '{data,key_id}')::int as keys
       from outbox where subject like 'hokusai.keys.v1.events.exp%' group by 1`,
    );
    const found = Object.fromEntries(rows.map(({ what, count, keys }) => [what, [count, keys]]));
    const all = Object.entries(expected).map(([what, count]) => [what, [count, count]]);
    assert.deepEqual(found, Object.fromEntries(all));
  }
});
