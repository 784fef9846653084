import assert from 'node:assert/strict';
import { completePeriod, isTimeZone, periodProblems } from './usage-periods.ts';

const NOW = new Date('2026-11-22T12:00:00Z');
const before = (days: number) => new Date(NOW.getTime() - days * 86_400_000);

describe('the period of a question about usage', () => {
  it('is the last day where none is named', () => {
    assert.deepEqual(completePeriod({}, NOW), { from: before(1), to: NOW });
    assert.deepEqual(completePeriod({ to: before(3) }, NOW), { from: before(4), to: before(3) });
    assert.deepEqual(completePeriod({ from: before(3) }, NOW), { from: before(3), to: NOW });
    assert.deepEqual(completePeriod({ to: before(-9) }, NOW), { from: before(1), to: before(-9) });
  });

  it('may be empty or reach into the future, but not lie there, nor end before it begins', () => {
    assert.deepEqual(periodProblems({ from: NOW, to: NOW }, NOW), []);
    assert.deepEqual(periodProblems({ from: before(1), to: before(-1) }, NOW), []);
    const pathsOf = (from: Date, to: Date) => periodProblems({ from, to }, NOW).map(({ path }) => path);
    assert.deepEqual(pathsOf(before(-1), before(-2)), ['from']);
    assert.deepEqual(pathsOf(before(1), before(2)), ['to']);
  });

  it('has a bound for each length of buckets, and says which', () => {
    for (const [granularity, days] of [
      ['minute', 2],
      ['hour', 62],
      ['day', 1100],
    ] as const) {
      assert.deepEqual(periodProblems({ from: before(days), to: NOW }, NOW, granularity), []);
      const [problem] = periodProblems({ from: before(days + 0.001), to: NOW }, NOW, granularity);
      assert.equal(problem?.path, 'granularity');
      assert.match(problem?.message ?? '', /minute for at most 2 days, hour .* 62 days, day .* 1100 days/);
    }
    assert.deepEqual(periodProblems({ from: before(5000), to: NOW }, NOW), []);
  });
});

describe('a time zone', () => {
  it('is one of the time zone database', () => {
    for (const name of ['UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Etc/GMT+5'])
      assert.ok(isTimeZone(name), name);
    for (const name of ['', '+01:00', 'Mars/Olympus', 'Europe/Berlin; drop', 'x'.repeat(100)])
      assert.ok(!isTimeZone(name), name);
  });
});
