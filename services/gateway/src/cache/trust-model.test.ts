/**
 * A randomised model of the whole protocol around the real trust, caches and lookup: commits out of order,
 * looks and ticks that are late, streams that break or stall and resume at another replica, resets, a memory of
 * changes that overflows, clocks that are set, databases that restart or are restored, gateways that are cut off
 * or start with what others left in Redis, a Redis that is slow, flushed, or gets old contents back.
 *
 * What must hold: a state that is used was the key's state at some time in the last 5 s (65 s in an
 * outage), and is none that the gateway has heard to be old. The mutants leave out one rule each, and the
 * model must find them.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { Chronicle, type Situation } from '../../test/support/model/chronicle.ts';
import { HAPPENING_COUNT } from '../../test/support/model/happenings.ts';
import { type Event, World, type WorldOptions } from '../../test/support/model/world.ts';
import { type Instant, instantOf } from '../domain/elapsed.ts';
import type { KeyState } from '../domain/key-state.ts';
import { type Assessment, type Ping, type Tick, type TickOutcome, Trust } from '../domain/trust.ts';
import { L1 } from './l1.ts';
import { Outage, type OutageOptions } from './outage.ts';
import { SingleFlight } from './single-flight.ts';

const HIGHEST = 2n ** 63n;
const RUNS = 300;
/** Of each way in which the model is to hold; 0: as many runs as above. */
const soakMs = Number(process.env['HOKUSAI_SOAK_SECONDS'] ?? 0) * 1000;
const EXTENT =
  soakMs > 0
    ? { numRuns: 2 ** 31 - 1, interruptAfterTimeLimit: soakMs, markInterruptAsFailure: false }
    : { numRuns: RUNS };
/** Of a situation, over all runs. */
const OFTEN_ENOUGH = 5;

const ROOMY: WorldOptions = { graceMs: 0, heardCapacity: 1000 };
const OVERFLOWING: WorldOptions = { graceMs: 0, heardCapacity: 2 };
const WITH_GRACE: WorldOptions = { graceMs: 60_000, heardCapacity: 1000 };

const ALWAYS: readonly Situation[] = [
  'a transaction committed after one with a higher id',
  'an answer was out of date when it arrived',
  'a request joined a question that was put before it came',
  'Redis was read slowly',
  'a write to Redis was out of date when it landed',
  'Redis was flushed between a change and such a write',
  'Redis was restored between a change and such a write',
  'Redis got a state back that was out of date',
  'one gateway used what the other had written to Redis',
  'a new gateway found a state in Redis that was out of date',
  'a stream broke with messages on their way',
  'a stalled replica went on with what it had seen before',
  'a stream was resumed at another replica',
  'a tick arrived more than 5 s after its look',
  'the epoch changed under a gateway',
  'a state was used that was out of date',
];
const IN_GRACE: readonly Situation[] = [
  'a gateway was cut off for more than 65 s',
  'a state was used in grace',
  'a state was used in grace that was out of date',
];

// Without fast-check's liking for small numbers, which here are commits.
const upTo = (max: number) => fc.noBias(fc.nat({ max }));
const delayMs = fc.oneof({ weight: 49, arbitrary: upTo(80) }, { weight: 1, arbitrary: upTo(6000) });
/** Long enough for an outage to outlast the grace. */
const longDelayMs = fc.oneof({ weight: 49, arbitrary: delayMs }, { weight: 1, arbitrary: upTo(40_000) });

function eventsFor({ graceMs }: WorldOptions): fc.Arbitrary<Event[]> {
  const event = fc.tuple(upTo(HAPPENING_COUNT - 1), upTo(63), graceMs > 0 ? longDelayMs : delayMs);
  return fc.array(event, { minLength: 300, maxLength: 500, size: 'max' });
}

class WithoutVersionRule extends Trust {
  override assess(state: KeyState): Assessment {
    return super.assess({ ...state, version: HIGHEST });
  }
  override hasHeardNewer(): boolean {
    return false;
  }
}

class WithoutFloor extends Trust {
  override assess(state: KeyState): Assessment {
    return super.assess({ ...state, read: { ...state.read, cut: HIGHEST } });
  }
}

class WithoutEpochRule extends Trust {
  override assess(state: KeyState): Assessment {
    const epoch = this.resumeFrom?.epoch ?? state.read.epoch;
    return super.assess({ ...state, read: { ...state.read, epoch } });
  }
}

/** Takes each tick for an echo of the last ping that was sent, as if there were no delay on the way. */
class WithoutEcho extends Trust {
  #last = 0n;
  override nextPing(): Ping {
    const ping = super.nextPing();
    this.#last = ping.number;
    return ping;
  }
  override applyTick(stream: number, tick: Tick): TickOutcome {
    return super.applyTick(stream, { ...tick, echo: this.#last });
  }
}

/** As if changes were never forgotten. */
class WithoutTimesForgotten extends Trust {
  override get timesForgotten(): number {
    return 0;
  }
}

/** A change that was heard of makes a state old, but takes it from nobody who can't ask. */
class StaleAfterChanges extends Trust {
  override assess(state: KeyState): Assessment {
    const assessment = super.assess(state);
    const isForChange = assessment === 'distrusted' && this.hasHeardNewer(state);
    return isForChange && super.assess({ ...state, version: HIGHEST }) !== 'distrusted'
      ? 'stale'
      : assessment;
  }
}
class KeepingChanged extends L1 {
  override drop(): void {}
}

class RenewingGrace extends Outage {
  readonly #clock: OutageOptions['clock'];
  constructor(options: OutageOptions) {
    super(options);
    this.#clock = options.clock;
  }
  override graceCovers(trustedAt: Instant): boolean {
    const isCovered = super.graceCovers(trustedAt);
    if (isCovered) Object.assign(trustedAt, instantOf(this.#clock));
    return isCovered;
  }
}

class EndlessGrace extends Outage {
  override graceCovers(): boolean {
    return true;
  }
}

/** Questions and arrivals can't be told apart in time. */
class WithoutOrder<T> extends SingleFlight<T> {
  override arrive(): number {
    return 0;
  }
}

const MUTANTS: [string, WorldOptions][] = [
  ['the version rule', { ...ROOMY, makeTrust: (...given) => new WithoutVersionRule(...given) }],
  ['the floor', { ...OVERFLOWING, makeTrust: (...given) => new WithoutFloor(...given) }],
  ['the epoch rule', { ...ROOMY, makeTrust: (...given) => new WithoutEpochRule(...given) }],
  ['the echo', { ...ROOMY, makeTrust: (...given) => new WithoutEcho(...given) }],
  ['the cut at the lowest running transaction', { ...ROOMY, cutRule: 'highest' }],
  [
    'a second question where what was heard meanwhile was forgotten',
    { ...OVERFLOWING, makeTrust: (...given) => new WithoutTimesForgotten(...given) },
  ],
  ['a limit to the age of answers', { ...ROOMY, answerStaleMs: Number.POSITIVE_INFINITY }],
  [
    'a second question for those who joined one that was put before they came',
    { ...ROOMY, makeFlights: (clock) => new WithoutOrder(clock) },
  ],
  ['an end of the grace', { ...WITH_GRACE, makeOutage: (options) => new EndlessGrace(options) }],
  [
    'a grace that is not renewed by its own uses',
    { ...WITH_GRACE, makeOutage: (options) => new RenewingGrace(options) },
  ],
  [
    'a grace that ends with a change',
    {
      ...WITH_GRACE,
      makeTrust: (...given) => new StaleAfterChanges(...given),
      makeL1: (...given) => new KeepingChanged(...given),
    },
  ],
];

describe('The model of trust', function () {
  this.timeout(60_000 + soakMs);

  const holds: [string, WorldOptions, readonly Situation[]][] = [
    ['with room for all changes', ROOMY, ALWAYS],
    ['with a memory of changes that overflows', OVERFLOWING, [...ALWAYS, 'the memory of changes overflowed']],
    ['with the grace of an outage', WITH_GRACE, [...ALWAYS, ...IN_GRACE]],
  ];
  for (const [name, options, situations] of holds) {
    it(`finds no use of an outdated state ${name}, and gets into all situations`, async () => {
      const chronicle = new Chronicle();
      let cacheHits = 0;
      await fc.assert(
        fc.asyncProperty(eventsFor(options), async (sequence) => {
          const world = new World(options, chronicle);
          await world.run(sequence);
          cacheHits += world.cacheHits;
        }),
        EXTENT,
      );
      assert.ok(cacheHits > 300, `only ${cacheHits} uses came from a cache: the model shows nothing`);
      const counts = situations.map((situation) => [situation, chronicle.count(situation)] as const);
      assert.deepEqual(
        counts.filter(([, count]) => count < OFTEN_ENOUGH),
        [],
      );
    });
  }

  for (const [name, mutation] of MUTANTS) {
    it(`finds one without ${name}`, async () => {
      const property = fc.asyncProperty(eventsFor(mutation), (sequence) =>
        new World(mutation, new Chronicle()).run(sequence),
      );
      const { failed, numRuns } = await fc.check(property, { numRuns: 3000, endOnFailure: true });
      assert.ok(failed, `no violation in ${numRuns} runs`);
    });
  }
});
