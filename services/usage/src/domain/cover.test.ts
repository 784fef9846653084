import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { HokusaiError } from '@hokusai/contracts/errors';
import fc from 'fast-check';
import { type CoverState, cover, GRAIN_MS, GRAINS, type Level } from './cover.ts';

const { minute, hour, day } = GRAIN_MS;
const NOTHING = { minutes: [], hours: [], days: [] };
const KEPT = { raw: 0, minute: 0, hour: 0, day: 0 };
const EVERYTHING: CoverState = { floors: KEPT, unsettled: NOTHING };

function levels(fromMs: number, toMs: number, state = EVERYTHING, startsMs: readonly number[] = []) {
  const starts = startsMs.map((ms) => new Date(ms));
  return cover({ from: new Date(fromMs), to: new Date(toMs) }, starts, state).map(
    (piece): [Level, number] => [piece.level, piece.toMs - piece.fromMs],
  );
}

describe('the cover of a period', () => {
  it('is made of the largest rollups that fit, and of requests at edges that nothing fits', () => {
    assert.deepEqual(levels(2 * day, 5 * day), [['day', 3 * day]]);
    assert.deepEqual(levels(day - hour - minute - 1, 3 * day + 2 * hour + 5), [
      ['raw', 1],
      ['minute', minute],
      ['hour', hour],
      ['day', 2 * day],
      ['hour', 2 * hour],
      ['raw', 5],
    ]);
    assert.deepEqual(levels(5, 5), []);
  });

  it('takes from the requests what is not rolled up', () => {
    const unsettled = { minutes: [day + hour + minute], hours: [], days: [] };
    assert.deepEqual(levels(0, 3 * day, { floors: KEPT, unsettled }), [
      ['day', day],
      ['hour', hour],
      ['minute', minute],
      ['raw', minute],
      ['minute', 58 * minute],
      ['hour', 22 * hour],
      ['day', day],
    ]);
  });

  it('takes from smaller rollups what has changed since', () => {
    const unsettled = { minutes: [], hours: [day], days: [2 * day] };
    assert.deepEqual(levels(0, 3 * day, { floors: KEPT, unsettled }), [
      ['day', day],
      ['minute', hour],
      ['hour', 47 * hour],
    ]);
  });

  it('tells apart what begins at a start', () => {
    assert.deepEqual(levels(0, 2 * day, EVERYTHING, [0, 5 * hour]), [
      ['hour', 24 * hour],
      ['day', day],
    ]);
    assert.deepEqual(levels(0, day, EVERYTHING, [hour / 2]), [
      ['minute', hour],
      ['hour', 23 * hour],
    ]);
  });

  it('takes no longer for a longer period, whatever is behind', async () => {
    const lastMs = Date.parse('9999-12-31T00:00:00Z');
    const minutes = Array.from({ length: 20_000 }, (_, n) => 2 * n * minute);
    const state = { floors: KEPT, unsettled: { minutes, hours: [], days: [] } };
    const startsMs = Array.from({ length: 1000 }, (_, n) => n * hour);
    for (let round = 0; round < 20; round++) {
      const found = levels(0, lastMs, state, startsMs);
      assert.deepEqual(found.at(-1), ['day', lastMs - 42 * day]);
      // For the time limit of the test.
      await setImmediate();
    }
  }).timeout(3000);

  it('leaves out what is no longer kept at all', () => {
    const floors = { raw: 18 * day, minute: 17 * day, hour: 16 * day, day: 15 * day };
    assert.deepEqual(levels(0, 20 * day, { floors, unsettled: NOTHING }), [['day', 5 * day]]);
  });

  it('refuses edges that are finer than what is kept, and says what is', () => {
    const floors = { raw: 18 * day, minute: 17 * day, hour: 16 * day, day: 0 };
    const problem = (fromMs: number, toMs: number, startsMs: readonly number[] = []) => {
      try {
        return levels(fromMs, toMs, { floors, unsettled: NOTHING }, startsMs);
      } catch (error) {
        assert.ok(error instanceof HokusaiError);
        return error.violations.map(({ path, message }) => `${path} ${message.split(':')[0]}`);
      }
    };
    assert.deepEqual(problem(3 * day + hour, 20 * day), ['from usage of that time is kept by the day (UTC)']);
    assert.deepEqual(problem(16 * day + minute, 20 * day), [
      'from usage of that time is kept by the hour (UTC)',
    ]);
    assert.deepEqual(problem(17 * day + 1, 20 * day), [
      'from usage of that time is kept by the minute (UTC)',
    ]);
    assert.deepEqual(problem(3 * day, 4 * day + 1), ['to usage of that time is kept by the day (UTC)']);
    assert.deepEqual(problem(3 * day, 5 * day, [4 * day + hour]), [
      'time_zone usage of that time is kept by the day (UTC)',
    ]);
    assert.deepEqual(problem(18 * day + 1, 18 * day + 3), [['raw', 2]]);
  });

  it('takes what is unsettled from what it is made of, however long ago that was', () => {
    const floors = { raw: 18 * day, minute: 17 * day, hour: 16 * day, day: 0 };
    const unsettled = { minutes: [3 * day + hour + minute], hours: [4 * day], days: [5 * day] };
    assert.deepEqual(levels(3 * day, 6 * day, { floors, unsettled }), [
      ['hour', hour],
      ['minute', minute],
      ['raw', minute],
      ['minute', 58 * minute],
      ['hour', 22 * hour],
      ['minute', hour],
      ['hour', 47 * hour],
    ]);
    assert.throws(() => levels(3 * day + hour, 6 * day, { floors, unsettled }), HokusaiError);
  });

  it('has each moment of the period in one piece, and no piece that is unsettled', () => {
    const anyMinutes = fc.array(fc.nat(4 * 1440 - 1), { maxLength: 6 });
    fc.assert(
      fc.property(
        fc.tuple(fc.nat(4 * day), fc.nat(4 * day), fc.constantFrom(1, minute, hour)),
        anyMinutes,
        anyMinutes,
        anyMinutes,
        ([a, b, unit], dirty, stale, starts) => {
          const at = (ms: number) => Math.floor(ms / unit) * unit;
          const [fromMs, toMs] = [at(Math.min(a, b)), at(Math.max(a, b))];
          const unsettled = {
            minutes: dirty.map((n) => n * minute),
            hours: stale.map((n) => Math.floor(n / 60) * hour),
            days: stale.slice(0, 1).map((n) => Math.floor(n / 1440) * day),
          };
          const cuts = starts.map((n) => n * minute).toSorted((x, y) => x - y);
          const pieces = cover(
            { from: new Date(fromMs), to: new Date(toMs) },
            cuts.map((ms) => new Date(ms)),
            { floors: KEPT, unsettled },
          );
          let nextMs = fromMs;
          for (const piece of pieces) {
            assert.equal(piece.fromMs, nextMs);
            assert.ok(piece.toMs > piece.fromMs);
            nextMs = piece.toMs;
            const grain = GRAINS.find((each) => each === piece.level);
            if (!grain) continue;
            assert.equal(piece.fromMs % GRAIN_MS[grain], 0);
            assert.equal(piece.toMs % GRAIN_MS[grain], 0);
            const isInside = (ms: number) => ms >= piece.fromMs && ms < piece.toMs;
            assert.ok(!unsettled.minutes.some(isInside));
            if (grain !== 'minute') assert.ok(!unsettled.hours.some(isInside));
            if (grain === 'day') assert.ok(!unsettled.days.some(isInside));
          }
          assert.equal(nextMs, toMs);
        },
      ),
    );
  });
});
