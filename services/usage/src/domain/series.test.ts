import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bucketStarts } from './series.ts';

const starts = (from: string, to: string, granularity: 'minute' | 'hour' | 'day', zone = 'UTC') =>
  bucketStarts({ from: new Date(from), to: new Date(to) }, granularity, zone).map((start) =>
    start.toISOString(),
  );

describe('buckets of a time series', () => {
  it('begin at whole minutes, hours and days, the first one where the period is under way', () => {
    assert.deepEqual(starts('2026-11-22T10:00:30Z', '2026-11-22T10:02:00Z', 'minute'), [
      '2026-11-22T10:00:00.000Z',
      '2026-11-22T10:01:00.000Z',
    ]);
    assert.deepEqual(starts('2026-11-22T23:10:00Z', '2026-11-23T00:00:00.001Z', 'hour'), [
      '2026-11-22T23:00:00.000Z',
      '2026-11-23T00:00:00.000Z',
    ]);
    assert.equal(starts('2026-11-01T00:00:00Z', '2026-12-01T00:00:00Z', 'day').length, 30);
    assert.deepEqual(starts('2026-11-01T00:00:00Z', '2026-11-01T00:00:00Z', 'day'), []);
  });

  it('are days of the zone, of 23, 24 and 25 hours', () => {
    assert.deepEqual(starts('2026-03-28T23:00:00Z', '2026-03-30T22:00:00Z', 'day', 'Europe/Berlin'), [
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ]);
    assert.deepEqual(starts('2026-10-24T22:00:00Z', '2026-10-26T12:00:00Z', 'day', 'Europe/Berlin'), [
      '2026-10-24T22:00:00.000Z',
      '2026-10-25T23:00:00.000Z',
    ]);
    assert.deepEqual(starts('2026-11-20T18:30:00Z', '2026-11-21T19:00:00Z', 'day', 'Asia/Kolkata'), [
      '2026-11-20T18:30:00.000Z',
      '2026-11-21T18:30:00.000Z',
    ]);
  });

  it('begin where the clocks first show the day, where it has no midnight, and leave out a day that was not', () => {
    // In Chile the clocks went from 24:00 to 1:00 that night.
    assert.deepEqual(starts('2026-09-06T03:00:00Z', '2026-09-06T05:00:00Z', 'day', 'America/Santiago'), [
      '2026-09-05T04:00:00.000Z',
      '2026-09-06T04:00:00.000Z',
    ]);
    // Samoa went over the date line: there was no 30 December 2011.
    assert.deepEqual(starts('2011-12-29T10:00:00Z', '2011-12-31T10:00:00Z', 'day', 'Pacific/Apia'), [
      '2011-12-29T10:00:00.000Z',
      '2011-12-30T10:00:00.000Z',
    ]);
  });

  it('are as the calendar of the zone says', () => {
    const zones = [
      'Europe/London',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
      'Pacific/Chatham',
    ];
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2015-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
        fc.integer({ min: 1, max: 10 * 86_400_000 }),
        fc.constantFrom(...zones),
        (from, lengthMs, timeZone) => {
          const dayOf = (ms: number) => new Intl.DateTimeFormat('en-CA', { timeZone }).format(ms);
          const found = bucketStarts({ from, to: new Date(from.getTime() + lengthMs) }, 'day', timeZone);
          for (const start of found) {
            assert.notEqual(dayOf(start.getTime() - 1), dayOf(start.getTime()));
            assert.equal(dayOf(start.getTime() + 60_000), dayOf(start.getTime()));
          }
          assert.ok((found[0] as Date) <= from);
          const days = new Set(
            Array.from({ length: lengthMs / 600_000 }, (_, n) => dayOf(from.getTime() + n * 600_000)),
          );
          assert.ok(found.length >= days.size && found.length <= days.size + 1);
        },
      ),
      { numRuns: 40 },
    );
  });
});
