/**
 * A randomised model of the whole protocol around the real trust, caches and lookup: commits out of order,
 * looks and ticks that are late, streams that break and resume, resets, a memory of changes that overflows,
 * clocks that are set, databases that restart or are restored, a shared cache that gets old contents back.
 *
 * What must hold: a state that is used was the key's state at some time in the last 5 s (65 s in an
 * outage), and is none that the gateway has heard to be old. The mutants leave out one rule each, and the
 * model must find them.
 */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Event, World, type WorldOptions } from '../../test/support/model/world.ts';
import type { KeyState } from '../domain/key-state.ts';
import { type Assessment, type Ping, type Tick, type TickOutcome, Trust } from '../domain/trust.ts';

const HIGHEST = 2n ** 63n;
const OPTIONS: WorldOptions = { graceMs: 0, heardCapacity: 1000 };

// Without fast-check's liking for small numbers, which here are commits.
const upTo = (max: number) => fc.noBias(fc.nat({ max }));
const event: fc.Arbitrary<Event> = fc.tuple(
  upTo(999),
  upTo(63),
  fc.oneof({ weight: 49, arbitrary: upTo(80) }, { weight: 1, arbitrary: upTo(6000) }),
);
const events = fc.array(event, { minLength: 300, maxLength: 500, size: 'max' });

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

const MUTANTS: [string, Partial<WorldOptions>][] = [
  ['the version rule', { makeTrust: (settings, clock) => new WithoutVersionRule(settings, clock) }],
  ['the floor', { makeTrust: (settings, clock) => new WithoutFloor(settings, clock), heardCapacity: 2 }],
  ['the epoch rule', { makeTrust: (settings, clock) => new WithoutEpochRule(settings, clock) }],
  ['the echo', { makeTrust: (settings, clock) => new WithoutEcho(settings, clock) }],
  ['the cut at the lowest running transaction', { cutRule: 'highest' }],
];

describe('The model of trust', function () {
  this.timeout(60_000);

  const holds: [string, WorldOptions][] = [
    ['with room for all changes', OPTIONS],
    ['with a memory of changes that overflows', { ...OPTIONS, heardCapacity: 2 }],
    ['with the grace of an outage', { ...OPTIONS, graceMs: 60_000 }],
  ];
  for (const [name, options] of holds) {
    it(`finds no use of an outdated state ${name}`, async () => {
      let cacheHits = 0;
      let graceUses = 0;
      await fc.assert(
        fc.asyncProperty(events, async (sequence) => {
          const world = new World(options);
          await world.run(sequence);
          cacheHits += world.cacheHits;
          graceUses += world.graceUses;
        }),
        { numRuns: 150 },
      );
      assert.ok(cacheHits > 300, `only ${cacheHits} uses came from a cache: the model shows nothing`);
      assert.equal(graceUses > 0, options.graceMs > 0, `${graceUses} uses in grace`);
    });
  }

  for (const [name, mutation] of MUTANTS) {
    it(`finds one as soon as ${name} is left out`, async () => {
      const property = fc.asyncProperty(events, (sequence) =>
        new World({ ...OPTIONS, ...mutation }).run(sequence),
      );
      const { failed, numRuns } = await fc.check(property, { numRuns: 3000, endOnFailure: true });
      assert.ok(failed, `no violation in ${numRuns} runs`);
    });
  }
});
