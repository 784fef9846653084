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

  it('are hours of the zone, also where those are none of UTC', () => {
    assert.deepEqual(starts('2026-11-22T13:30:00Z', '2026-11-22T15:00:00Z', 'hour', 'Asia/Kolkata'), [
      '2026-11-22T13:30:00.000Z',
      '2026-11-22T14:30:00.000Z',
    ]);
    assert.deepEqual(starts('2026-11-22T13:30:00Z', '2026-11-22T14:10:00Z', 'hour', 'Europe/Berlin'), [
      '2026-11-22T13:00:00.000Z',
      '2026-11-22T14:00:00.000Z',
    ]);
    const pastHour = (start: Date, timeZone: string) =>
      new Intl.DateTimeFormat('en', { timeZone, minute: '2-digit', second: '2-digit' }).format(start);
    fc.assert(
      fc.property(
        fc.date({ min: new Date('2015-01-01'), max: new Date('2035-01-01'), noInvalidDate: true }),
        fc.integer({ min: 0, max: 50 }),
        // In one of them clocks are put by half an hour; its changes of the year 2026.
        fc.constantFrom('Australia/Lord_Howe', 'Asia/Kathmandu', 'America/New_York'),
        fc.boolean(),
        (date, laterHours, timeZone, isNearChange) => {
          const change = Date.parse(date.getTime() % 2 ? '2026-04-04T15:00:00Z' : '2026-10-03T15:30:00Z');
          const fromMs = isNearChange ? change - (date.getTime() % 86_400_000) : date.getTime();
          const period = { from: new Date(fromMs), to: new Date(fromMs + 3 * 86_400_000) };
          const found = bucketStarts(period, 'hour', timeZone);
          assert.ok((found[0] as Date) <= period.from);
          for (const [index, start] of found.entries()) {
            assert.match(pastHour(start, timeZone), /^0?0:00$/);
            const lengthMs = (found[index + 1]?.getTime() ?? start.getTime() + 3_600_000) - start.getTime();
            assert.ok(lengthMs >= 3_600_000 && lengthMs < 7_200_000, String(lengthMs));
          }
          const later = { ...period, from: new Date(fromMs + laterHours * 1_234_567) };
          assert.deepEqual(
            bucketStarts(later, 'hour', timeZone),
            found.slice(-bucketStarts(later, 'hour', timeZone).length),
          );
        },
      ),
      { numRuns: 60 },
    );
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
          ).add(dayOf(from.getTime() + lengthMs - 1));
          assert.ok(found.length >= days.size && found.length <= days.size + 1);
        },
      ),
      { numRuns: 20 },
    );
  });
});
