import assert from 'node:assert/strict';
import { moment, momentFromNow } from './moments.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('a moment', () => {
  it('is shown in UTC', () => {
    assert.equal(moment('2026-11-22T12:34:56.789Z'), '2026-11-22 12:34 UTC');
    assert.equal(moment('soon'), 'soon');
  });

  for (const [time, distance] of [
    ['2026-11-22T12:00:30Z', 'within a minute'],
    ['2026-11-22T11:59:30Z', 'just now'],
    ['2026-11-22T12:01:00Z', 'in 1 minute'],
    ['2026-11-22T13:30:00Z', 'in 90 minutes'],
    ['2026-11-22T12:01:59Z', 'in 2 minutes'],
    ['2026-11-22T13:59:20Z', 'in 119 minutes'],
    ['2026-11-22T13:59:50Z', 'in 2 hours'],
    ['2026-11-23T11:59:58Z', 'in 24 hours'],
    ['2026-11-24T11:20:00Z', 'in 47 hours'],
    ['2026-11-24T11:59:58Z', 'in 2 days'],
    ['2027-02-20T11:59:55Z', 'in 90 days'],
    ['2026-11-20T11:00:00Z', '2 days ago'],
    ['2026-11-15T23:00:00Z', '7 days ago'],
  ] as const) {
    it(`at ${time} is ${distance}`, () => {
      assert.equal(momentFromNow(time, NOW), `${time.slice(0, 19).replace('T', ' ')} UTC (${distance})`);
    });
  }
});
