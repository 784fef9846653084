import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { localTime } from './local-time.ts';
import { bucketStarts } from './series.ts';

describe('local time', () => {
  it('is what the clocks of the zone show, also on days on which they are put', () => {
    const zones = [
      'Europe/Berlin',
      'America/St_Johns',
      'Australia/Lord_Howe',
      'Africa/Casablanca',
      'Pacific/Apia',
    ];
    // The clocks of the first three are put on the first of these days each, those of the last one by a whole day.
    const near = ['2026-03-29', '2026-03-08', '2026-04-04', '2026-02-15', '2011-12-30'].map((day) =>
      Date.parse(day),
    );
    const anyMs = fc.oneof(
      fc.integer({ min: Date.UTC(1970), max: Date.UTC(2040) }),
      fc.tuple(fc.constantFrom(...near), fc.nat(2 * 86_400_000)).map(([ms, more]) => ms + more),
    );
    const shown = (ms: number, timeZone: string) =>
      new Date(ms).toLocaleString('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'medium' });
    fc.assert(
      fc.property(fc.constantFrom(...zones), anyMs, (timeZone, ms) => {
        assert.equal(shown(localTime(timeZone)(ms), 'UTC'), shown(ms, timeZone));
      }),
      { numRuns: 500 },
    );
  });

  it('is there at once for the longest series, when that was asked for before', async () => {
    const period = { from: new Date('2023-11-20T10:00:00Z'), to: new Date('2026-11-22T10:00:00Z') };
    for (let round = 0; round < 400; round++) {
      assert.equal(bucketStarts(period, 'day', 'America/New_York').length, 1099);
      // For the time limit of the test.
      await setImmediate();
    }
  }).timeout(3000);
});
