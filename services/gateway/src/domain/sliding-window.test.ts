import assert from 'node:assert/strict';
import fc from 'fast-check';
import { burstShape, HOUR, SlidingWindow, type WindowShape } from './sliding-window.ts';

/** The window that is promised: one sub-window shorter than what is counted. */
const lengthMs = ({ slots, widthMs }: WindowShape) => (slots - 1) * widthMs;

const shape = fc.oneof(
  fc.constant(HOUR),
  fc.integer({ min: 1, max: 90 }).map((seconds) => burstShape(seconds)),
  fc.record({ slots: fc.integer({ min: 2, max: 6 }), widthMs: fc.integer({ min: 1, max: 20 }) }),
);

/** Pauses between requests, short and long against the window, as parts of its length. */
const pauses = fc.array(
  fc.oneof(
    fc.constant(0),
    fc.double({ min: 0, max: 0.05, noNaN: true }),
    fc.double({ min: 0, max: 1.3, noNaN: true }),
  ),
  { minLength: 1, maxLength: 120 },
);

/** Charges one request at each of the times, where the limit allows; returns the times of those admitted. */
function admittedOf(window: SlidingWindow, limit: number, timesMs: readonly number[]): number[] {
  return timesMs.filter((atMs) => {
    window.moveTo(atMs);
    if (window.used >= limit) return false;
    window.add(1);
    return true;
  });
}

function timesOf(startMs: number, windowMs: number, parts: readonly number[]): number[] {
  let atMs = startMs;
  return parts.map((part) => {
    atMs += Math.round(part * windowMs);
    return atMs;
  });
}

const start = fc.integer({ min: 1_700_000_000_000, max: 1_800_000_000_000 });

describe('SlidingWindow', () => {
  it('is an hour long, or as long as bursts are counted', () => {
    assert.deepEqual([lengthMs(HOUR), HOUR.slots], [3_600_000, 61]);
    assert.deepEqual([lengthMs(burstShape(7)), burstShape(7).slots], [7000, 11]);
  });

  it('admits at most the limit in any window, wherever it begins, against an exact log', () => {
    fc.assert(
      fc.property(shape, start, fc.integer({ min: 1, max: 12 }), pauses, (form, startMs, limit, parts) => {
        const log = admittedOf(
          new SlidingWindow(form, startMs),
          limit,
          timesOf(startMs, lengthMs(form), parts),
        );
        for (const [index, atMs] of log.entries()) {
          const first = log[index - limit];
          if (first !== undefined) assert.ok(atMs - first >= lengthMs(form), `${limit + 1} within a window`);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('never refuses what comes evenly spaced, at 60/61 of the rate of the limit or slower', () => {
    fc.assert(
      fc.property(
        start,
        fc.integer({ min: 1, max: 300 }),
        fc.double({ min: 1, max: 3, noNaN: true }),
        (startMs, limit, slowness) => {
          const spacingMs = (HOUR.slots * HOUR.widthMs * slowness) / limit;
          const times = Array.from({ length: 3 * limit }, (_, index) => startMs + index * spacingMs);
          assert.equal(admittedOf(new SlidingWindow(HOUR, startMs), limit, times).length, times.length);
        },
      ),
    );
  });

  it('counts exactly what came within its sub-windows', () => {
    fc.assert(
      fc.property(shape, start, pauses, (form, startMs, parts) => {
        const window = new SlidingWindow(form, startMs);
        const indexOf = (atMs: number) => Math.floor(atMs / form.widthMs);
        const log: number[] = [];
        for (const atMs of timesOf(startMs, lengthMs(form), parts)) {
          window.moveTo(atMs);
          window.add(1);
          log.push(atMs);
          const held = log.filter((one) => indexOf(one) > indexOf(atMs) - form.slots);
          assert.equal(window.used, held.length);
        }
      }),
    );
  });

  it('says when there is more to use: not a millisecond before, and then indeed', () => {
    fc.assert(
      fc.property(shape, start, fc.integer({ min: 1, max: 12 }), pauses, (form, startMs, limit, parts) => {
        const window = new SlidingWindow(form, startMs);
        for (const atMs of timesOf(startMs, lengthMs(form), parts)) {
          window.moveTo(atMs);
          window.add(1);
        }
        const { used } = window;
        const resetAtMs = window.resetAtMs(limit);
        window.moveTo(resetAtMs - 1);
        assert.ok(used >= limit ? window.used >= limit : window.used === used);
        window.moveTo(resetAtMs);
        assert.ok(used >= limit ? window.used < limit : window.used < used);
      }),
    );
  });

  it('takes back the oldest first', () => {
    const window = new SlidingWindow(HOUR, 0);
    for (const minute of [0, 1, 2]) {
      window.moveTo(minute * 60_000);
      window.add(10);
    }
    window.remove(15);
    assert.equal(window.used, 15);
    assert.equal(window.resetAtMs(100), 62 * 60_000);
    window.moveTo(62 * 60_000);
    assert.equal(window.used, 10);
    window.remove(1000);
    assert.equal(window.used, 0);
  });

  it('stands still while the time runs backwards, and begins anew after a clock that was far ahead', () => {
    const window = new SlidingWindow(HOUR, 10 * 3_600_000);
    window.add(3);
    window.moveTo(10 * 3_600_000 - 120_000);
    window.add(1);
    assert.equal(window.used, 4);
    assert.equal(window.resetAtMs(100), 10 * 3_600_000 + 61 * 60_000);
    window.moveTo(8 * 3_600_000);
    assert.equal(window.used, 0);
    window.add(1);
    assert.equal(window.resetAtMs(100), 8 * 3_600_000 + 61 * 60_000);
  });
});
