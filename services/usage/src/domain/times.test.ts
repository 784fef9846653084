import assert from 'node:assert/strict';
import fc from 'fast-check';
import { believedMs, DAY_MS, MAX_AHEAD_MS, MAX_BEHIND_MS, MINUTE_MS, startsOf } from './times.ts';

const RECEIVED = Date.UTC(2026, 0, 20, 12);

describe('believedMs', () => {
  it('believes a clock up to its bounds, and takes the arrival beyond them', () => {
    fc.assert(
      fc.property(fc.integer({ min: -20 * DAY_MS, max: 20 * DAY_MS }), (offMs) => {
        const isBelievable = offMs <= MAX_AHEAD_MS && offMs >= -MAX_BEHIND_MS;
        assert.equal(believedMs(RECEIVED + offMs, RECEIVED), isBelievable ? RECEIVED + offMs : RECEIVED);
      }),
    );
    for (const [offMs, expected] of [
      [MAX_AHEAD_MS, MAX_AHEAD_MS],
      [MAX_AHEAD_MS + 1, 0],
      [-MAX_BEHIND_MS, -MAX_BEHIND_MS],
      [-MAX_BEHIND_MS - 1, 0],
    ] as const)
      assert.equal(believedMs(RECEIVED + offMs, RECEIVED), RECEIVED + expected);
  });

  it('takes the arrival for what is no time that JavaScript knows', () => {
    assert.equal(believedMs(Date.parse('2026-01-20T25:00:00Z'), RECEIVED), RECEIVED);
  });
});

describe('startsOf', () => {
  it('names each unit once, in order', () => {
    const minutes = startsOf([RECEIVED + 61_000, RECEIVED + 1, RECEIVED + 119_999, RECEIVED - 1], MINUTE_MS);
    assert.deepEqual(minutes.map(Number), [RECEIVED - 60_000, RECEIVED, RECEIVED + 60_000]);
  });
});
