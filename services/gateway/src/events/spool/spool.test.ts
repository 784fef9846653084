import assert from 'node:assert/strict';
import { SUBJECTS } from '@hokusai/contracts';
import fc from 'fast-check';
import type { ManualTime } from '../../../test/support/manual-time.ts';
import { FLUSH_MS, type Gateway, MAX_BYTES, World } from '../../../test/support/spool-world.ts';
import type { Outcome } from '../../../test/support/stub-bus.ts';
import { SOME_REQUEST } from '../../../test/support/usage-request.ts';

/** Files are an eighth of it; one of each process may be on its way, and one may be made. */
const SLACK_BYTES = MAX_BYTES / 4;

function record({ recorder }: Gateway, count: number): void {
  for (let index = 0; index < count; index += 1) recorder.request(SOME_REQUEST);
}

const upTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);

const anyStep = fc.oneof(
  { weight: 6, arbitrary: fc.record({ records: fc.nat(60) }) },
  { weight: 4, arbitrary: fc.record({ flowMs: fc.nat(400) }) },
  { weight: 6, arbitrary: fc.record({ passMs: fc.oneof(fc.nat(300), fc.nat(40_000)) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      broker: fc.constantFrom('up' as const, 'away' as const, 'hangs' as const, 'flaky' as const),
    }),
  },
  { weight: 1, arbitrary: fc.record({ isFull: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({
      end: fc.constantFrom('kill', 'stop'),
      tornAt: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  },
  { weight: 2, arbitrary: fc.constant({ start: true }) },
);

type Step = typeof anyStep extends fc.Arbitrary<infer Value> ? Value : never;

describe('the spool of usage', () => {
  it('is not written while the broker takes everything in time', async () => {
    const world = new World();
    const gateway = world.start();
    record(gateway, 12);
    await world.time.advance(5000);
    assert.equal(world.disk.bytes, 0);
    await world.stop(gateway);
    assert.deepEqual([...world.disk.folders], []);
    assert.equal(world.time.pending, 0);
  });

  it('brings what a killed process had numbered up to one flush before, once the broker is back', async () => {
    const world = new World();
    world.bus.outcome = () => 'refused';
    const killed = world.start();
    await world.time.advance(1000);
    record(killed, 23);
    await world.time.advance(FLUSH_MS + 20);
    record(killed, 4);
    world.kill(killed);
    const next = world.start();
    await world.time.advance(60_000);
    assert.deepEqual(world.storedOf(killed), []);
    world.bus.outcome = () => 'stored';
    await world.time.advance(10_000);
    assert.deepEqual(sorted(world.storedOf(killed)), upTo(23));
    assert.deepEqual(
      world
        .announcementsOf(killed)
        .map(({ kind, assigned, dropped, at }) => ({ kind, assigned, dropped, at })),
      [{ kind: 'left', assigned: 23, dropped: 0, at: '2025-01-15T12:00:00.000Z' }],
    );
    await world.stop(next);
    assert.deepEqual([...world.disk.folders], []);
  });

  it('lets a killed process be known of which nothing was told or written', async () => {
    const world = new World();
    world.bus.outcome = () => 'refused';
    const killed = world.start();
    await world.time.advance(3000);
    record(killed, 4);
    await world.time.advance(100);
    world.kill(killed);
    const next = world.start();
    await world.time.advance(3000);
    world.bus.outcome = () => 'stored';
    await world.time.advance(10_000);
    assert.deepEqual(world.storedOf(killed), []);
    assert.deepEqual(
      world.announcementsOf(killed).map(({ kind, assigned, flushed }) => ({ kind, assigned, flushed })),
      [{ kind: 'left', assigned: 0, flushed: 0 }],
    );
    await world.stop(next);
    assert.deepEqual([...world.disk.folders], []);
  });

  it('writes what a broker that hangs does not take, and does not send it again when it is taken at last', async () => {
    const world = new World();
    const gateway = world.start();
    const held = Promise.withResolvers<Outcome>();
    world.bus.outcome = () => held.promise;
    record(gateway, 10);
    await world.time.advance(2 * FLUSH_MS);
    assert.deepEqual(world.disk.numbersOf(gateway.incarnation), upTo(10));
    record(gateway, 5);
    await world.time.advance(20);
    assert.deepEqual(world.disk.numbersOf(gateway.incarnation), upTo(15), 'at once, as long as it hangs');
    held.resolve('stored');
    await world.time.advance(1000);
    assert.equal(world.disk.bytes, 0);
    assert.equal(world.bus.attempts.filter(({ subject }) => subject === SUBJECTS.usageRequests).length, 3);
    await world.stop(gateway);
  });

  it('says goodbye for a process that could not say it, with what it left', async () => {
    const world = new World();
    world.bus.outcome = () => 'refused';
    const first = world.start();
    record(first, 8);
    await world.stop(first);
    assert.deepEqual(first.recorder.counts(), { assigned: 8, flushed: 0, dropped: 0 });
    world.bus.outcome = () => 'stored';
    const next = world.start();
    await world.time.advance(1000);
    assert.deepEqual(sorted(world.storedOf(first)), upTo(8));
    const [left, closed] = world.announcementsOf(first);
    assert.deepEqual([left?.kind, left?.at], ['left', '2025-01-15T12:00:00.000Z']);
    assert.deepEqual([closed?.kind, closed?.assigned, closed?.flushed, closed?.dropped], ['closed', 8, 8, 0]);
    await world.stop(next);
    assert.deepEqual([...world.disk.folders], []);
  });

  it('drops the oldest at its bound, of orphans first, and each gap is in its own account', async () => {
    const world = new World();
    world.bus.outcome = () => 'refused';
    const orphan = world.start();
    record(orphan, 100);
    await world.stop(orphan);
    const gateway = world.start();
    for (let second = 0; second < 60; second += 1) {
      record(gateway, 10);
      await world.time.advance(1000);
      assert.ok(world.disk.bytes <= MAX_BYTES + SLACK_BYTES);
    }
    assert.ok(gateway.recorder.counts().dropped > 0);
    world.bus.outcome = () => 'stored';
    await world.time.advance(60_000);
    const { assigned, dropped, flushed } = gateway.recorder.counts();
    assert.deepEqual([assigned, flushed], [600, 600]);
    const stored = sorted(world.storedOf(gateway));
    assert.equal(stored.length + dropped, 600);
    assert.equal(stored.at(-1), 600);
    const said = world.announcementsOf(orphan).at(-1);
    assert.equal((said?.dropped ?? 0) + world.storedOf(orphan).length, 100);
    await world.stop(gateway);
  });

  it('goes on in memory where it can not be used, and takes it into use when it can', async () => {
    const world = new World();
    world.disk.isFull = true;
    world.bus.outcome = () => 'refused';
    const gateway = world.start();
    record(gateway, 10);
    await world.time.advance(1000);
    assert.deepEqual(world.disk.numbersOf(gateway.incarnation), []);
    world.disk.isFull = false;
    await world.time.advance(30_000);
    assert.deepEqual(world.disk.numbersOf(gateway.incarnation), upTo(10));
    world.disk.isFull = true;
    record(gateway, 10);
    await world.time.advance(1000);
    world.bus.outcome = () => 'stored';
    await world.time.advance(6000);
    assert.deepEqual(sorted(world.storedOf(gateway)), upTo(20));
    await world.stop(gateway);
  });

  it('loses nothing that it has written, whatever fails, and accounts for what gives way', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyStep, { maxLength: 40 }),
        fc.infiniteStream(fc.constantFrom<Outcome>('stored', 'refused')),
        async (steps, outcomes) => {
          const world = new World();
          const flaky = outcomes[Symbol.iterator]();
          world.start();
          for (const step of steps) {
            await take(step, world, () => flaky.next().value as Outcome);
            const bound = (MAX_BYTES + SLACK_BYTES) * world.gateways.length;
            assert.ok(world.disk.bytes <= bound);
          }
          await settle(world);
          for (const gateway of world.gateways) check(world, gateway);
          assert.deepEqual([...world.disk.folders.keys()], []);
        },
      ),
      { numRuns: 150 },
    );
  });
});

async function take(step: Step, world: World, flaky: () => Outcome): Promise<void> {
  const [oldest] = world.alive;
  if ('records' in step) for (const gateway of world.alive) record(gateway, step.records);
  if ('passMs' in step) await world.time.advance(step.passMs);
  if ('flowMs' in step) await flow(world, step.flowMs);
  if ('broker' in step) {
    const outcomes: Record<typeof step.broker, () => Outcome | Promise<Outcome>> = {
      up: () => 'stored',
      away: () => 'refused',
      hangs: () => hang(world.time),
      flaky,
    };
    world.bus.outcome = outcomes[step.broker];
  }
  if ('isFull' in step) world.disk.isFull = step.isFull;
  if ('start' in step && world.alive.length < 3) world.start();
  if ('end' in step && oldest) {
    world.disk.tornAt = step.tornAt;
    if (step.end === 'kill') world.kill(oldest);
    else await world.stop(oldest);
  }
}

/** Requests all the time. */
async function flow(world: World, durationMs: number): Promise<void> {
  for (let ms = 0; ms < durationMs; ms += 2) {
    for (const gateway of world.alive) record(gateway, 3);
    await world.time.advance(2);
  }
}

/** All is well again, and all processes end; a last one finds what they left. */
async function settle(world: World): Promise<void> {
  world.bus.outcome = () => 'stored';
  world.disk.isFull = false;
  if (world.alive.length === 0) world.start();
  await world.time.advance(120_000);
  for (const gateway of world.alive) await world.stop(gateway);
  const last = world.start();
  await world.time.advance(10_000);
  await world.stop(last);
}

/** An attempt that fails after the time that a publisher waits. */
function hang(time: ManualTime): Promise<Outcome> {
  return new Promise((resolve) => {
    time.after(5000, () => resolve('refused'));
  });
}

function check(world: World, gateway: Gateway): void {
  const stored = new Set(world.storedOf(gateway));
  const { assigned } = gateway.recorder.counts();
  const said = Math.max(0, ...world.announcementsOf(gateway).map(({ dropped }) => dropped));
  if (gateway.end === 'closed') {
    const missing = assigned - stored.size;
    // Who is killed while it counts what it drops may leave it to be delivered all the same.
    const isExact = world.gateways.every(({ end }) => end === 'closed');
    assert.ok(
      isExact ? missing === said : missing <= said,
      `${missing} are missing, ${said} were said to be`,
    );
    const last = world.announcementsOf(gateway).find(({ kind }) => kind === 'closed');
    assert.equal(last?.assigned, assigned);
    return;
  }
  if (gateway.isFound) assert.equal(world.announcementsOf(gateway).at(-1)?.kind, 'left');
  const lost = gateway.durable.filter((number) => !stored.has(number));
  assert.ok(new Set(lost).size <= said, `${lost.length} were lost, ${said} were said to be`);
}
