/** Lists of the log: any filter, reader, order and page size shows what a fold over all events does. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { Reader } from '@hokusai/contracts';
import fc from 'fast-check';
import type { EventFilter } from '../src/domain/access.ts';
import type { IncomingEvent } from '../src/domain/chain.ts';
import { createAuditReader } from '../src/storage/reader.ts';
import { type AuditDatabase, appenderOn, openAuditDatabase } from './support/audit-database.ts';
import { incomingOf, NO_FILTER } from './support/audit-events.ts';

const HOUR_MS = 3_600_000;
const START_MS = Date.parse('2025-01-01T00:00:00.000Z');
/** More than two blocks of rows. */
const ROWS = 9000;
const [ADA, BOB, EVE] = [randomUUID(), randomUUID(), randomUUID()] as const;
const KEYS = [randomUUID(), randomUUID(), randomUUID()] as const;
const USERS = [ADA, BOB, EVE];
const ACTIONS = ['key.created', 'key.revoked', 'user.updated', 'auth.refused'];
const OUTCOMES = ['success', 'refused', 'failed'] as const;
const ADDRESSES = ['192.0.2.1', '198.51.100.7', '2001:db8::1'];

/** Always the same. */
function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 0x80000000) * below);
  };
}

const pick = fc.constantFrom;
const maybe = <Value>(values: readonly Value[]) => fc.option(pick(...values), { freq: 2, nil: null });
const times = fc.option(
  fc.integer({ min: -10, max: 210 }).map((hours) => new Date(START_MS + hours * HOUR_MS)),
  { freq: 2, nil: null },
);
const filters: fc.Arbitrary<EventFilter> = fc.record({
  actorUserId: maybe(USERS),
  keyId: maybe(KEYS),
  targetId: maybe([...KEYS, ADA]),
  action: maybe(ACTIONS),
  outcome: maybe(OUTCOMES),
  clientIp: maybe(ADDRESSES),
  requestId: maybe(['r-1', 'r-2']),
  from: times,
  to: times,
});
const readers: fc.Arbitrary<Reader> = fc.record({ userId: pick(...USERS), isAdmin: fc.boolean() });

describe('lists of the audit log', function () {
  this.timeout(120_000);
  let db: AuditDatabase;
  const events: IncomingEvent[] = [];

  before(async () => {
    db = await openAuditDatabase();
    const random = randomNumbers(7);
    const one = <Value>(values: readonly Value[]) => values[random(values.length)] as Value;
    for (let n = 0; n < ROWS; n += 1) events.push(anyEvent(n, random, one));
    for (let n = 0; n < ROWS; n += 1000) await appenderOn(db.pool).append(events.slice(n, n + 1000));
    await db.admin.query('vacuum analyze');
  });
  after(() => db.close());

  /** One in twenty came late, or from a wrong clock. */
  function anyEvent(
    n: number,
    random: (below: number) => number,
    one: <Value>(values: readonly Value[]) => Value,
  ): IncomingEvent {
    const hours = random(20) === 0 ? random(200) : n / 45;
    const isAboutKey = random(3) > 0;
    const owned = random(2) === 0 ? {} : { owner_user_id: one(USERS) };
    const user_id = random(4) === 0 ? null : one(USERS);
    return incomingOf({
      action: one(ACTIONS),
      outcome: one(OUTCOMES),
      occurred_at: new Date(START_MS + hours * HOUR_MS).toISOString(),
      actor: { user_id, key_id: user_id && one(KEYS), key_prefix: null, via: 'gateway' },
      target: isAboutKey ? { type: 'key', id: one(KEYS), ...owned } : { type: 'user', id: one(USERS) },
      request_id: one(['r-1', 'r-2', 'r-3']),
      personal: random(3) === 0 ? {} : { client_ip: one(ADDRESSES) },
    });
  }

  function isSeen({ event }: IncomingEvent, { isAdmin, userId }: Reader): boolean {
    const { actor, target } = event;
    const isTarget = target?.type === 'user' && target.id === userId;
    return isAdmin || actor.user_id === userId || isTarget || target?.owner_user_id === userId;
  }

  function isSelected({ event }: IncomingEvent, filter: EventFilter, reader: Reader): boolean {
    const { actor, target, personal } = event;
    const at = Date.parse(event.occurred_at);
    const is = (wanted: string | null, ...found: unknown[]) => wanted === null || found.includes(wanted);
    const maySeeAddress = reader.isAdmin || actor.user_id === reader.userId;
    return (
      is(filter.actorUserId, actor.user_id) &&
      is(filter.keyId, actor.key_id, target?.type === 'key' ? target.id : null) &&
      is(filter.targetId, target?.id) &&
      is(filter.action, event.action) &&
      is(filter.outcome, event.outcome) &&
      is(filter.clientIp, maySeeAddress ? personal.client_ip : undefined) &&
      is(filter.requestId, event.request_id) &&
      at >= (filter.from?.getTime() ?? at) &&
      at < (filter.to?.getTime() ?? at + 1)
    );
  }

  it('show what a fold over all events does, whatever is asked for, page by page', async () => {
    const reading = createAuditReader(db.pool);
    await fc.assert(
      fc.asyncProperty(
        readers,
        filters,
        fc.boolean(),
        pick(7, 100, 500),
        async (reader, filter, oldestFirst, size) => {
          const expected = events
            .filter((event) => isSeen(event, reader) && isSelected(event, filter, reader))
            .map(({ eventId }) => eventId);
          if (!oldestFirst) expected.reverse();
          const shown: string[] = [];
          let cursor: number | null = null;
          for (let pages = 0; pages < 4; pages += 1) {
            const page = await reading.list(reader, filter, { cursor, size, oldestFirst });
            assert.equal(page.hasMore, shown.length + page.rows.length < expected.length);
            shown.push(...page.rows.map(({ eventId }) => eventId));
            cursor = page.rows.at(-1)?.chainSeq ?? null;
            if (!page.hasMore) break;
          }
          assert.deepEqual(shown, expected.slice(0, shown.length));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('show a single event to whoever sees it in a list', async () => {
    const reading = createAuditReader(db.pool);
    await fc.assert(
      fc.asyncProperty(readers, fc.nat(ROWS - 1), async (reader, index) => {
        const event = events[index] as IncomingEvent;
        const found = await reading.find(reader, event.eventId);
        assert.equal(found?.eventId, isSeen(event, reader) ? event.eventId : undefined);
      }),
      { numRuns: 60 },
    );
  });

  it('go on where the log ended: what is appended later comes, and nothing twice', async () => {
    const reading = createAuditReader(db.pool);
    const admin = { userId: ADA, isAdmin: true };
    const rare = { ...NO_FILTER, action: 'key.rotated' };
    const none = await reading.list(admin, rare, { cursor: null, size: 10, oldestFirst: true });
    assert.deepEqual([none.rows, none.head], [[], events.length]);
    const late = incomingOf({ action: 'key.rotated', occurred_at: '2024-01-01T00:00:00.000Z' });
    await appenderOn(db.pool).append([incomingOf(), late]);
    const next = await reading.list(admin, rare, { cursor: none.head, size: 10, oldestFirst: true });
    assert.deepEqual(
      next.rows.map(({ eventId }) => eventId),
      [late.eventId],
    );
    const period = { ...NO_FILTER, to: new Date('2024-06-01T00:00:00Z') };
    const old = await reading.list(admin, period, { cursor: null, size: 10, oldestFirst: false });
    assert.deepEqual(
      old.rows.map(({ eventId }) => eventId),
      [late.eventId],
    );
  });
});
