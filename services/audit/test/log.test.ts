import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { eventually, spawnService } from '@hokusai/testing';
import fc from 'fast-check';
import { from as copyFrom } from 'pg-copy-streams';
import { appendHandler } from '../src/events/append-handler.ts';
import { createAuditReader } from '../src/storage/reader.ts';
import {
  type AuditDatabase,
  appenderOn,
  openAuditDatabase,
  poolOf,
  storedIds,
  verdict,
  verify,
} from './support/audit-database.ts';
import { incomingOf, KEY, NO_FILTER, USER } from './support/audit-events.ts';

const OTHER = '11111111-2f8e-4a8e-9f59-0a4b7e0d9c11';
const ADMIN = { userId: OTHER, isAdmin: true };

describe('appending to the audit log', function () {
  this.timeout(60_000);
  let db: AuditDatabase;

  beforeEach(async () => {
    db = await openAuditDatabase();
  });
  afterEach(() => db.close());

  it('begins with an empty log that is intact', async () => {
    assert.equal(verdict(await verify(db.pool)), 'intact, 0 rows');
  });

  it('keeps each event once, in the order of its first arrival, without a gap', async () => {
    const ids = Array.from({ length: 12 }, () => randomUUID());
    const deliveries = fc.array(fc.array(fc.constantFrom(...ids), { maxLength: 5 }), { maxLength: 6 });
    const arrived: string[] = [];
    await fc.assert(
      fc.asyncProperty(deliveries, async (batches) => {
        for (const batch of batches) {
          await appenderOn(db.pool).append(batch.map((id) => incomingOf({}, id)));
          arrived.push(...batch.filter((id, index) => !arrived.includes(id) && batch.indexOf(id) === index));
        }
        assert.deepEqual(await storedIds(db.pool), arrived);
        assert.equal(verdict(await verify(db.pool)), `intact, ${arrived.length} rows`);
      }),
      { numRuns: 20 },
    );
  });

  it('goes on when another replica freezes while it has the lock', async () => {
    await using frozen = await spawnService({
      entry: 'services/audit/test/support/frozen-appender.ts',
      args: [db.database.url],
      env: {},
      readyUrl: null,
    });
    await eventually(async () => {
      const { rows } = await db.admin.query(
        `select pid from pg_locks join pg_stat_activity using (pid)
         where relation = 'audit_head'::regclass and mode = 'RowShareLock' and state = 'idle in transaction'`,
      );
      assert.equal(rows.length, 1);
    });
    const id = randomUUID();
    await appenderOn(db.pool).append([incomingOf({}, id)]);
    // What it was about to append is refused when it goes on.
    frozen.signal('SIGCONT');
    assert.notEqual((await frozen.exited).code, 0);
    assert.deepEqual(await storedIds(db.pool), [id]);
    assert.equal(verdict(await verify(db.pool)), 'intact, 1 rows');
  });

  it('goes on when another replica freezes in the middle of its rows', async () => {
    const frozen = poolOf(db.database.url);
    const waiting = poolOf(db.database.url, { lockTimeoutMs: 500 });
    const client = await frozen.connect();
    const ended = new Promise((resolve) => client.once('end', resolve));
    try {
      await client.query('begin');
      await client.query('select from audit_head for update');
      // Never ended, and Postgres waits for its rest.
      const copying = client.query(copyFrom('copy audit_events (chain_seq) from stdin'));
      copying.on('error', () => {});
      const id = randomUUID();
      await eventually(() => appenderOn(waiting).append([incomingOf({}, id)]));
      await ended;
      assert.deepEqual(await storedIds(db.pool), [id]);
    } finally {
      client.release(true);
      await Promise.all([frozen.end(), waiting.end()]);
    }
  });

  it('lets replicas append the same events at the same time', async () => {
    const other = poolOf(db.database.url);
    try {
      const ids = Array.from({ length: 200 }, () => randomUUID());
      const appenders = [appenderOn(db.pool), appenderOn(other)];
      const deliveries = Array.from({ length: 24 }, (_, n) => {
        const batch = ids.slice((n % 12) * 16, (n % 12) * 16 + 24).map((id) => incomingOf({}, id));
        return appenders[n % 2]?.append(n % 3 === 0 ? batch.toReversed() : batch);
      });
      await Promise.all(deliveries);
      assert.deepEqual((await storedIds(db.pool)).toSorted(), ids.toSorted());
      assert.equal(verdict(await verify(db.pool)), 'intact, 200 rows');
    } finally {
      await other.end();
    }
  });

  it('stores nothing of a batch that fails, and leaves no gap behind it', async () => {
    await appenderOn(db.pool).append([incomingOf()]);
    const bad = incomingOf({ actor: { user_id: 'nobody', key_id: null, key_prefix: null, via: 'x' } });
    await assert.rejects(appenderOn(db.pool).append([incomingOf(), bad]));
    await appenderOn(db.pool).append([incomingOf()]);
    assert.equal(verdict(await verify(db.pool)), 'intact, 2 rows');
  });

  it('takes only what says the same in its subject as in itself', async () => {
    const taken: unknown[] = [];
    const handle = appendHandler({
      append: async (events) => {
        await setImmediate();
        taken.push(...Array.from(events, ({ source }) => source));
      },
    });
    const { event, eventId, origin } = incomingOf();
    const message = (subject: string, id = eventId) => ({
      subject,
      text: JSON.stringify({
        specversion: '1.0',
        id,
        source: origin,
        type: 'x',
        time: '2025-01-15T12:00:00.000Z',
        datacontenttype: 'application/json',
        data: event,
      }),
    });
    await handle([message('hokusai.audit.v1.gateway.key.created')]);
    assert.deepEqual(taken, ['gateway']);
    const refused = async (message: Parameters<typeof handle>[0][0]) => handle([message]);
    await assert.rejects(
      refused(message('hokusai.audit.v1.gateway.key.revoked')),
      /not the one in its subject/,
    );
    await assert.rejects(refused(message('hokusai.audit.v1.gateway.key.created', 'x')), /not a uuid/);
    await assert.rejects(refused({ ...message('hokusai.audit.v1.keys.key.created'), text: 'x' }), /not JSON/);
  });
});

describe('reading the audit log', function () {
  this.timeout(60_000);
  let db: AuditDatabase;
  const mine = randomUUID();
  const keyEvent = randomUUID();
  const aboutMe = randomUUID();
  const refused = randomUUID();

  before(async () => {
    db = await openAuditDatabase();
    const actor = (user_id: string | null, key_id: string | null = null) => ({
      actor: { user_id, key_id, key_prefix: null, via: 'gateway' },
    });
    await appenderOn(db.pool).append([
      incomingOf({ ...actor(USER, KEY), occurred_at: '2025-01-15T12:00:00.000Z' }, mine),
      incomingOf({ ...actor(OTHER), action: 'key.revoked', target: { type: 'key', id: KEY } }, keyEvent),
      incomingOf({ ...actor(OTHER), action: 'user.updated', target: { type: 'user', id: USER } }, aboutMe),
      incomingOf(
        {
          ...actor(null),
          action: 'auth.refused',
          outcome: 'refused',
          request_id: 'r-9',
          personal: { client_ip: '198.51.100.7' },
          occurred_at: '2025-01-16T00:00:00.000Z',
        },
        refused,
      ),
    ]);
  });
  after(() => db.close());

  async function found(filter: Partial<typeof NO_FILTER> = {}, reader = ADMIN): Promise<string[]> {
    const reading = createAuditReader(db.pool);
    const { rows } = await reading.list(
      reader,
      { ...NO_FILTER, ...filter },
      { cursor: null, size: 100, oldestFirst: false },
    );
    return rows.map(({ eventId }) => eventId);
  }

  it('is newest first', async () => {
    assert.deepEqual(await found(), [refused, aboutMe, keyEvent, mine]);
  });

  it('selects by actor, key (that acted or was acted on), target, action, outcome, address, request', async () => {
    const date = (text: string) => new Date(text);
    assert.deepEqual(await found({ actorUserId: USER }), [mine]);
    assert.deepEqual(await found({ keyId: KEY }), [keyEvent, mine]);
    assert.deepEqual(await found({ targetId: USER }), [aboutMe]);
    assert.deepEqual(await found({ action: 'key.revoked' }), [keyEvent]);
    assert.deepEqual(await found({ outcome: 'refused' }), [refused]);
    assert.deepEqual(await found({ clientIp: '198.51.100.7' }), [refused]);
    assert.deepEqual(await found({ requestId: 'r-9' }), [refused]);
    assert.deepEqual(await found({ from: date('2025-01-16T00:00:00Z') }), [refused]);
    assert.deepEqual(await found({ to: date('2025-01-16T00:00:00Z') }), [aboutMe, keyEvent, mine]);
  });

  it('shows a member what they did and what was done to them', async () => {
    const member = { userId: USER, isAdmin: false };
    assert.deepEqual(await found({}, member), [aboutMe, mine]);
    const reading = createAuditReader(db.pool);
    assert.equal((await reading.find(member, mine))?.eventId, mine);
    assert.equal(await reading.find(member, refused), undefined);
    assert.equal((await reading.find(ADMIN, refused))?.eventId, refused);
  });

  it('pages without losing or repeating an event, while more are appended', async () => {
    const reading = createAuditReader(db.pool);
    const ids: string[] = [];
    let cursor: number | null = null;
    for (;;) {
      const page = await reading.list(ADMIN, NO_FILTER, { cursor, size: 1, oldestFirst: false });
      ids.push(...page.rows.map(({ eventId }) => eventId));
      cursor = page.rows.at(-1)?.chainSeq ?? null;
      if (!page.hasMore) break;
      if (ids.length === 2) await appenderOn(db.pool).append([incomingOf()]);
    }
    assert.deepEqual(ids, [refused, aboutMe, keyEvent, mine]);
  });

  it('confirms what is stored, with its place in the chain, and nothing else', async () => {
    const stored = await createAuditReader(db.pool).stored([mine, refused, randomUUID()]);
    assert.deepEqual(
      stored
        .map(({ eventId, chainSeq }) => [eventId, chainSeq])
        .toSorted((a, b) => Number(a[1]) - Number(b[1])),
      [
        [mine, '1'],
        [refused, '4'],
      ],
    );
    assert.equal(stored[0]?.hash.length, 32);
  });
});
