import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { auditEventSchema } from '@hokusai/contracts';
import { HokusaiError } from '@hokusai/contracts/errors';
import type { IncomingEvent } from './chain.ts';
import { type AuditRead, AuditReads, READ_FOLD_MS, type ReadKind } from './reads.ts';

const READER = {
  ...{ actingUserId: randomUUID(), actingKeyId: randomUUID(), requestId: 'r-1', clientIp: '192.0.2.1' },
  userAgent: 'hokusai-cli/0.1.0',
};
const readOf = (kind: ReadKind, criteria: Record<string, string> = {}): AuditRead => {
  return { kind, reader: READER, service: 'gateway', criteria };
};

/** A log and a clock that stand still until they are told to go on. */
class World {
  nowMs = Date.UTC(2026, 0, 1);
  readonly log: IncomingEvent[] = [];
  isAway = false;
  delays = 0;
  #tasks: { atMs: number; task: () => void }[] = [];
  readonly reads = new AuditReads({
    append: (events) => {
      if (this.isAway) return Promise.reject(new HokusaiError('unavailable', 'away'));
      const known = new Set(this.log.map(({ eventId }) => eventId));
      this.log.push(...Array.from(events).filter(({ eventId }) => !known.has(eventId)));
      return Promise.resolve();
    },
    origin: '/hokusai/audit/test',
    now: () => this.nowMs,
    newId: randomUUID,
    after: (delayMs, task) => {
      const entry = { atMs: this.nowMs + delayMs, task };
      this.#tasks.push(entry);
      return () => {
        this.#tasks = this.#tasks.filter((one) => one !== entry);
      };
    },
    onDelayed: () => {
      this.delays += 1;
    },
  });

  async pass(ms: number): Promise<void> {
    this.nowMs += ms;
    const due = this.#tasks.filter(({ atMs }) => atMs <= this.nowMs);
    this.#tasks = this.#tasks.filter((task) => !due.includes(task));
    for (const { task } of due) task();
    await new Promise((resolve) => setImmediate(resolve));
  }

  get pending(): number {
    return this.#tasks.length;
  }

  get counts(): string[] {
    return this.log.map(({ event }) => `${event.target?.id} ${event.outcome} ${event.count}`);
  }
}

describe('AuditReads', () => {
  let world: World;
  beforeEach(() => {
    world = new World();
  });

  it('tell the first at once, and those of the minute after it as one more', async () => {
    for (let time = 0; time < 7; time += 1)
      await world.reads.during(
        readOf('list', { action: 'key.created', client_ip: '192.0.2.9' }),
        async () => time,
      );
    assert.deepEqual(world.counts, ['list success 1']);
    await world.pass(READ_FOLD_MS);
    assert.deepEqual(world.counts, ['list success 1', 'list success 6']);
    assert.equal(world.pending, 0);
    for (const { event, source } of world.log) {
      assert.equal(source, 'audit');
      const { actor, target, after, request_id, personal } = auditEventSchema.parse(event);
      assert.deepEqual(actor, {
        ...{ user_id: READER.actingUserId, key_id: READER.actingKeyId, key_prefix: null, via: 'gateway' },
      });
      assert.deepEqual(target, { type: 'audit', id: 'list' });
      assert.deepEqual(after, { asked_for: { action: 'key.created', client_ip: '[personal]' } });
      assert.deepEqual(
        [request_id, personal],
        ['r-1', { client_ip: '192.0.2.1', user_agent: 'hokusai-cli/0.1.0' }],
      );
    }
  });

  it('keep no email address that somebody looked for, in what can not be erased', async () => {
    const asked = { target_id: 'ada@example.org', action: 'user.updated', key_id: 'x'.repeat(1000) };
    const read = readOf('list', asked);
    await world.reads.record({ ...read, reader: { ...read.reader, requestId: 'ada@example.org' } });
    const [told] = world.log;
    assert.deepEqual(told?.event.after, {
      asked_for: { target_id: '[personal]', action: 'user.updated', key_id: 'x'.repeat(256) },
    });
    assert.equal(told.event.request_id, '[personal]');
  });

  it('are apart by reader, kind, outcome and question; a reader’s many questions share an event', async () => {
    await world.reads.record(readOf('show', { event_id: 'a' }));
    await world.reads.record(readOf('show', { event_id: 'a' }), 'not_found');
    await world.reads.record({
      ...readOf('show', { event_id: 'a' }),
      service: 'ops',
      reader: { ...READER, actingKeyId: '' },
    });
    for (let id = 0; id < 30; id += 1) await world.reads.record(readOf('show', { event_id: `b${id}` }));
    assert.deepEqual(world.log.length, 3 + 9 + 1);
    assert.deepEqual(world.log[2]?.event.actor, {
      ...{ user_id: READER.actingUserId, key_id: null, key_prefix: null, via: 'grpc', service: 'ops' },
    });
    await world.pass(READ_FOLD_MS);
    assert.deepEqual(world.counts.slice(13), ['show success 20']);
    assert.equal(world.log.at(-1)?.event.after, null);
  });

  it('are told apart by as much of a question as is kept of it', async () => {
    for (const end of ['a', 'b'])
      await world.reads.record(readOf('list', { target_id: 'x'.repeat(256) + end }));
    assert.deepEqual(world.counts, ['list success 1']);
    assert.deepEqual(world.log[0]?.event.after, { asked_for: { target_id: 'x'.repeat(256) } });
  });

  it('are in the log before the answer, refusals too; without the log there is no answer', async () => {
    const refused = new HokusaiError('permission_denied', 'no');
    await assert.rejects(
      world.reads.during(readOf('verify'), () => Promise.reject(refused)),
      refused,
    );
    assert.deepEqual(world.counts, ['verify refused 1']);
    world.isAway = true;
    const [one, two] = [
      world.reads.during(readOf('list'), async () => 1),
      world.reads.during(readOf('list'), async () => 2),
    ];
    await assert.rejects(one, { code: 'unavailable' });
    await assert.rejects(two, { code: 'unavailable' });
    world.isAway = false;
    await world.reads.record(readOf('list'));
    assert.deepEqual(world.counts, ['verify refused 1', 'list success 1']);
  });

  it('wait for a log that is away, and are appended at the end of the process', async () => {
    for (let time = 0; time < 3; time += 1) await world.reads.record(readOf('list'));
    world.isAway = true;
    await world.pass(READ_FOLD_MS);
    await world.pass(5000);
    assert.deepEqual([world.delays, world.counts], [2, ['list success 1']]);
    world.isAway = false;
    await world.pass(5000);
    assert.deepEqual(world.counts, ['list success 1', 'list success 2']);
    for (let time = 0; time < 4; time += 1) await world.reads.record(readOf('export'));
    await world.reads.close();
    assert.deepEqual(world.counts.slice(2), ['export success 1', 'export success 3']);
    assert.equal(world.pending, 0);
  });
});
