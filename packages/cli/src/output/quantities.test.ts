import assert from 'node:assert/strict';
import { bytes, count, duration, percentage } from './quantities.ts';

describe('a quantity', () => {
  it('has three digits that count, and its unit', () => {
    assert.equal(count(1_234_567), '1,234,567');
    assert.deepEqual([0, 999, 48_211, 1e6, 9e18].map(bytes), ['0 B', '999 B', '48.2 kB', '1 MB', '9000 PB']);
    assert.deepEqual([0, 8.1234, 999.4, 1234, 90_000].map(duration), [
      '0 ms',
      '8.12 ms',
      '999 ms',
      '1.23 s',
      '90 s',
    ]);
    assert.deepEqual([percentage(1, 3), percentage(0, 3), percentage(1, 0)], ['33.3 %', '', '']);
  });
});
