import assert from 'node:assert/strict';
import { setImmediate as settled } from 'node:timers/promises';
import fc from 'fast-check';
import { someKey } from '../../test/support/keys.ts';
import { ManualClock } from '../../test/support/manual-clock.ts';
import { AuthFailures } from '../domain/auth-failures.ts';
import { type ProofPlacesOptions, SharedProofPlaces } from './proof-places.ts';

const A = '192.0.2.1';
const B = '192.0.2.2';
type Outcome = 'good' | 'wrong' | 'failed';

/** Places for questions that a test answers. */
class Bench {
  readonly clock = new ManualClock();
  readonly failures: AuthFailures;
  readonly places: SharedProofPlaces;
  /** Questions under way, oldest first. */
  readonly asked: { clientIp: string; answer: (outcome: Outcome) => void }[] = [];
  came = 0;
  /** How the others ended, oldest first. */
  readonly ended: string[] = [];
  readonly #key = someKey();

  constructor(perMinute = 3, bounds: Omit<ProofPlacesOptions, 'failures'> = {}) {
    this.failures = new AuthFailures({ perMinute, clock: this.clock });
    this.places = new SharedProofPlaces({ failures: this.failures, ...bounds });
  }

  ask(clientIp: string, count = 1): void {
    this.came += count;
    for (let each = 0; each < count; each += 1) void this.#ask(clientIp);
  }

  async #ask(clientIp: string): Promise<void> {
    try {
      await this.places.ask({ key: this.#key, clientIp }, () => this.#question(clientIp));
      this.ended.push('answered');
    } catch (error) {
      this.ended.push((error as { reason?: string }).reason ?? 'failed');
    }
  }

  async #question(clientIp: string): Promise<void> {
    const outcome = await new Promise<Outcome>((answer) => this.asked.push({ clientIp, answer }));
    if (outcome === 'wrong') this.failures.charge(clientIp);
    if (outcome === 'failed') throw new Error('away');
  }

  async answer(outcome: Outcome, at = 0): Promise<void> {
    this.asked.splice(at, 1)[0]?.answer(outcome);
    await settled();
  }

  from(clientIp: string): number {
    return this.asked.filter((each) => each.clientIp === clientIp).length;
  }
}

type Step = { ask: string } | { answer: Outcome; at: number } | { waitMs: number };

async function take(bench: Bench, step: Step): Promise<void> {
  if ('ask' in step) bench.ask(step.ask);
  else if ('waitMs' in step) bench.clock.advance(step.waitMs);
  else await bench.answer(step.answer, step.at % Math.max(1, bench.asked.length));
  await settled();
}

describe('SharedProofPlaces', () => {
  it('has no more asked for a client at a time than may fail, and refuses the rest once they did', async () => {
    const bench = new Bench(3);
    bench.ask(A, 1000);
    bench.ask(B, 1);
    await settled();
    assert.deepEqual([bench.from(A), bench.from(B)], [3, 1]);
    await bench.answer('wrong');
    await bench.answer('wrong');
    assert.equal(bench.from(A), 1, 'two of three have failed');
    await bench.answer('wrong');
    assert.equal(bench.from(A), 0);
    assert.equal(bench.ended.filter((reason) => reason === 'auth_failures_limited').length, 997);
    bench.ask(A);
    await settled();
    assert.equal(bench.ended.length, 1001);
    bench.clock.advance(60_000);
    bench.ask(A);
    await settled();
    assert.equal(bench.from(A), 1);
  });

  it('lets a fleet with good keys wait for its turn, and in', async () => {
    const bench = new Bench(1);
    bench.ask(A, 500);
    await settled();
    for (let each = 0; each < 500; each += 1) {
      assert.equal(bench.from(A), 1);
      await bench.answer('good');
    }
    assert.deepEqual(new Set(bench.ended), new Set(['answered']));
  });

  it('gives places back of questions that fail', async () => {
    const bench = new Bench(2, { maxAsked: 2 });
    bench.ask(A, 4);
    await settled();
    for (let each = 0; each < 4; each += 1) await bench.answer('failed');
    assert.deepEqual(bench.ended, ['failed', 'failed', 'failed', 'failed']);
    assert.equal(bench.failures.waitMs(A), 0);
  });

  it('lets clients take turns, however many questions one of them has', async () => {
    const bench = new Bench(30, { maxAsked: 2 });
    bench.ask(A, 10);
    bench.ask(B, 2);
    await settled();
    const order: string[] = [];
    while (bench.asked.length > 0) {
      order.push(bench.asked[0]?.clientIp ?? '');
      await bench.answer('good');
    }
    assert.ok(order.lastIndexOf(B) <= 5, order.join());
    assert.equal(order.length, 12);
  });

  it('sheds the last of the client with most that wait, beyond so many', async () => {
    const bench = new Bench(30, { maxAsked: 1, maxWaiting: 10 });
    bench.ask(A, 100);
    await settled();
    assert.deepEqual([bench.from(A), bench.ended.length], [1, 89]);
    bench.ask(B, 3);
    await settled();
    assert.deepEqual(new Set(bench.ended), new Set(['unknown_keys_shed']));
    assert.equal(bench.ended.length, 92);
    while (bench.asked.length > 0) await bench.answer('good');
    assert.equal(bench.ended.filter((each) => each === 'answered').length, 11);
  });

  it('keeps its bounds, and leaves nobody waiting, whatever comes', async () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ ask: fc.constantFrom(A, B, '2001:db8::1', '2001:db8::2') }) },
      fc.record({
        answer: fc.constantFrom<Outcome>('good', 'wrong', 'wrong', 'failed'),
        at: fc.nat({ max: 5 }),
      }),
      fc.record({ waitMs: fc.constantFrom(1000, 30_000) }),
    );
    const bounds = fc.record({
      perMinute: fc.integer({ min: 1, max: 4 }),
      maxAsked: fc.integer({ min: 1, max: 5 }),
      maxWaiting: fc.integer({ min: 0, max: 6 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), bounds, async (steps, { perMinute, ...places }) => {
        const bench = new Bench(perMinute, places);
        for (const each of steps) {
          await take(bench, each);
          assert.ok(bench.asked.length <= places.maxAsked);
          assert.ok(bench.came - bench.ended.length <= places.maxAsked + places.maxWaiting);
          for (const address of [A, B]) assert.ok(bench.from(address) <= bench.failures.left(address));
        }
        while (bench.asked.length > 0) await bench.answer('good');
        assert.equal(bench.ended.length, bench.came);
      }),
      { numRuns: 300 },
    );
  });
});
