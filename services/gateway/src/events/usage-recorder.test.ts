import assert from 'node:assert/strict';
import {
  type GatewayAnnouncement,
  gatewayAnnouncementEventSchema,
  SUBJECTS,
  type UsageBatch,
  usageBatchEventSchema,
} from '@hokusai/contracts';
import { createLogger } from '@hokusai/service-kit';
import fc from 'fast-check';
import { ManualTime } from '../../test/support/manual-time.ts';
import { type Outcome, StubBus } from '../../test/support/stub-bus.ts';
import { SOME_REQUEST } from '../../test/support/usage-request.ts';
import { createUsageRecorder, type RunningUsageRecorder } from './usage-recorder.ts';

const INCARNATION = '6f1f3c9a-8b0e-4a53-9d2e-0f6f6f1f3c9a';
const logger = createLogger({ service: 'test', level: 'silent' });

interface Setup {
  time: ManualTime;
  bus: StubBus;
  recorder: RunningUsageRecorder;
}

function setUp(options: { flushEvents?: number; maxWaiting?: number } = {}): Setup {
  const time = new ManualTime();
  const bus = new StubBus();
  const recorder = createUsageRecorder({
    bus,
    incarnation: INCARNATION,
    gateway: 'gw-1',
    flushMs: 250,
    flushEvents: options.flushEvents ?? 3,
    clock: time,
    timers: time,
    logger,
    ...(options.maxWaiting && { maxWaiting: options.maxWaiting }),
  });
  return { time, bus, recorder };
}

function record(recorder: RunningUsageRecorder, count: number): void {
  for (let i = 0; i < count; i += 1) recorder.request(SOME_REQUEST);
}

/** What happens in a gateway's life, in this order. */
const anyStep = fc.record({
  requests: fc.nat(12),
  refusals: fc.nat(2),
  passMs: fc.oneof(fc.constant(0), fc.nat(3000)),
});
type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

async function take(step: Step, recorder: RunningUsageRecorder, time: ManualTime): Promise<void> {
  record(recorder, step.requests);
  for (let i = 0; i < step.refusals; i += 1) recorder.anonymousRefusal('no_key', '192.0.2.1');
  await time.advance(step.passMs);
}

const batches = (bus: StubBus) => bus.stored<UsageBatch>(SUBJECTS.usageRequests);
const announcements = (bus: StubBus) => bus.stored<GatewayAnnouncement>(SUBJECTS.usageGateways);
const ranges = (bus: StubBus) => batches(bus).map(({ from, to }) => [from, to]);

describe('usage recorder', () => {
  it('numbers requests from 1 and sends a batch when it is full, the rest when its time has come', async () => {
    const { time, bus, recorder } = setUp();
    record(recorder, 4);
    await time.advance(249);
    assert.deepEqual(ranges(bus), [[1, 3]]);
    await time.advance(1);
    assert.deepEqual(ranges(bus), [
      [1, 3],
      [4, 4],
    ]);
    await recorder.close(5000);
  });

  it('sends what its schemas describe', async () => {
    const { time, bus, recorder } = setUp();
    record(recorder, 2);
    recorder.anonymousRefusal('unknown_key', '192.0.2.7');
    await time.advance(1000);
    await recorder.close(5000);
    for (const event of bus.events(SUBJECTS.usageRequests)) usageBatchEventSchema.parse(event);
    for (const event of bus.events(SUBJECTS.usageGateways)) gatewayAnnouncementEventSchema.parse(event);
    assert.equal(bus.events(SUBJECTS.usageRequests).length, 2);
    assert.deepEqual(batches(bus).at(-1)?.refusals[0]?.reason, 'unknown_key');
  });

  it('cuts values that the schema would refuse, so that one request cannot spoil its batch', async () => {
    const { bus, recorder } = setUp();
    const long = 'x'.repeat(5000);
    recorder.request({
      ...SOME_REQUEST,
      endpoint: long,
      method: long,
      client_ip: long,
      request_id: long,
      refusal: long,
      user_agent_family: long,
      bytes_in: Number.NaN,
      bytes_out: 1.5,
      response_time_ms: -1,
      first_byte_ms: Number.POSITIVE_INFINITY,
    });
    await recorder.close(5000);
    const [event] = bus.events(SUBJECTS.usageRequests);
    usageBatchEventSchema.parse(event);
  });

  it('announces itself at once, each second when something changed, else every 10 s, and its end', async () => {
    const { time, bus, recorder } = setUp();
    await time.advance(0);
    assert.deepEqual(
      announcements(bus).map(({ kind }) => kind),
      ['opened'],
    );
    record(recorder, 3);
    await time.advance(1000);
    assert.deepEqual(announcements(bus).at(-1), {
      incarnation: INCARNATION,
      gateway: 'gw-1',
      kind: 'progress',
      assigned: 3,
      flushed: 3,
      dropped: 0,
      at: '2025-01-15T12:00:01.000Z',
    });
    await time.advance(9999);
    assert.equal(announcements(bus).length, 2);
    await time.advance(1);
    assert.equal(announcements(bus).length, 3);
    await recorder.close(5000);
    assert.equal(announcements(bus).at(-1)?.kind, 'closed');
  });

  it('says when it began even if the broker was away then', async () => {
    const { time, bus, recorder } = setUp();
    bus.outcome = () => 'refused';
    await time.advance(5500);
    bus.outcome = () => 'stored';
    await time.advance(1000);
    const [first] = announcements(bus);
    assert.deepEqual([first?.kind, first?.at], ['opened', '2025-01-15T12:00:00.000Z']);
    await recorder.close(5000);
  });

  it('sends the same bytes under the same id again until they are acknowledged', async () => {
    const { time, bus, recorder } = setUp();
    bus.outcome = () => 'stored, acknowledgement lost';
    record(recorder, 3);
    await time.advance(2000);
    assert.equal(recorder.counts().flushed, 0);
    bus.outcome = () => 'stored';
    await time.advance(5000);
    assert.equal(recorder.counts().flushed, 3);
    const attempts = bus.attempts.filter(({ subject }) => subject === SUBJECTS.usageRequests);
    assert.ok(attempts.length >= 3);
    assert.equal(new Set(attempts.map(({ id, text }) => id + text)).size, 1);
    await recorder.close(5000);
  });

  it('drops the oldest at the bound, counts them, and shows them as a gap', async () => {
    const { time, bus, recorder } = setUp({ maxWaiting: 21 });
    bus.outcome = () => 'refused';
    record(recorder, 30);
    await time.advance(1000);
    assert.deepEqual([recorder.counts().assigned, recorder.counts().dropped], [30, 9]);
    bus.outcome = () => 'stored';
    await time.advance(10_000);
    assert.deepEqual(
      ranges(bus).map(([from]) => from),
      // The one that is being sent when the bound is reached stays.
      [4, 13, 16, 19, 22, 25, 28],
    );
    assert.equal(recorder.counts().flushed, 30);
    await recorder.close(5000);
    assert.equal(announcements(bus).at(-1)?.dropped, 9);
  });

  it('counts refusals without a key though all numbers are settled', async () => {
    const { time, bus, recorder } = setUp();
    record(recorder, 3);
    await time.advance(0);
    bus.outcome = () => 'refused';
    recorder.anonymousRefusal('no_key', '192.0.2.1');
    await time.advance(2000);
    bus.outcome = () => 'stored';
    await time.advance(5000);
    assert.equal(batches(bus).at(-1)?.refusals[0]?.count, 1);
    await recorder.close(5000);
  });

  it('ends within its limit when the broker is away, leaving no timer', async () => {
    const { time, bus, recorder } = setUp();
    bus.outcome = () => 'refused';
    record(recorder, 5);
    const closed = recorder.close(4000);
    await time.advance(4000);
    await closed;
    assert.equal(recorder.counts().dropped, 5);
    assert.equal(time.pending, 0);
  });

  it('ends within its limit when the broker hangs, leaving no timer', async () => {
    const { time, bus, recorder } = setUp();
    bus.outcome = () => new Promise<Outcome>(() => {});
    record(recorder, 5);
    const closed = recorder.close(4000);
    await time.advance(4000);
    await closed;
    assert.equal(time.pending, 0);
  });

  it('names a few traced requests of each batch', async () => {
    const { time, bus, recorder } = setUp({ flushEvents: 10 });
    for (let i = 0; i < 8; i += 1) recorder.request(SOME_REQUEST, i % 2 ? undefined : `trace ${i}`);
    for (let i = 8; i < 20; i += 1) recorder.request(SOME_REQUEST, `trace ${i}`);
    await time.advance(0);
    const sent = bus.attempts.filter(({ subject }) => subject === SUBJECTS.usageRequests);
    assert.deepEqual(
      sent.map(({ traceparents }) => traceparents),
      [
        ['trace 0', 'trace 2', 'trace 4', 'trace 6'],
        ['trace 10', 'trace 11', 'trace 12', 'trace 13'],
      ],
    );
    const closed = recorder.close(2000);
    await time.advance(2000);
    await closed;
  });

  it('gives every number to exactly one message, whatever fails', async () => {
    const outcomes = fc.infiniteStream(
      fc.constantFrom<Outcome>('stored', 'stored', 'refused', 'stored, acknowledgement lost'),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(anyStep, { maxLength: 60 }), outcomes, async (steps, stream) => {
        const { time, bus, recorder } = setUp({ flushEvents: 5 });
        const next = stream[Symbol.iterator]();
        bus.outcome = () => next.next().value as Outcome;
        for (const one of steps) await take(one, recorder, time);
        const expected = steps.reduce((sum, one) => sum + one.requests, 0);
        bus.outcome = () => 'stored';
        const closed = recorder.close(20_000);
        await time.advance(20_000);
        await closed;
        const numbers = batches(bus).flatMap(({ requests }) => requests.map(({ sequence }) => sequence));
        assert.deepEqual(
          numbers.toSorted((a, b) => a - b),
          Array.from({ length: expected }, (_, index) => index + 1),
        );
        assert.deepEqual(recorder.counts(), { assigned: expected, flushed: expected, dropped: 0 });
        assert.equal(time.pending, 0);
        const texts = new Map(bus.attempts.map(({ id, text }) => [id, text]));
        for (const { id, text } of bus.attempts) assert.equal(texts.get(id), text);
      }),
      { numRuns: 50 },
    );
  });

  it('accounts for every number as stored or dropped when the buffer is small', async () => {
    const outcomes = fc.infiniteStream(fc.constantFrom<Outcome>('stored', 'refused', 'refused', 'refused'));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 30 }),
        outcomes,
        async (bursts, stream) => {
          const { time, bus, recorder } = setUp({ flushEvents: 5, maxWaiting: 40 });
          const next = stream[Symbol.iterator]();
          bus.outcome = () => next.next().value as Outcome;
          for (const burst of bursts) {
            record(recorder, burst);
            await time.advance(100);
          }
          const closed = recorder.close(2000);
          await time.advance(2000);
          await closed;
          const stored = new Set(batches(bus).flatMap(({ requests }) => requests.map((one) => one.sequence)));
          const { assigned, flushed, dropped } = recorder.counts();
          assert.equal(stored.size + dropped, assigned);
          assert.equal(flushed, assigned);
        },
      ),
      { numRuns: 50 },
    );
  });
});
