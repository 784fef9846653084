import assert from 'node:assert/strict';
import { InvalidRequestError } from '../errors/errors.ts';
import { checkedOptions } from './checked-options.ts';

describe('the time-out of a call', () => {
  for (const timeoutMs of [1, 30_000, 2 ** 31 - 1, undefined])
    it(`may be ${timeoutMs}`, () => {
      assert.ok(checkedOptions(timeoutMs === undefined ? {} : { timeoutMs }));
    });

  for (const timeoutMs of [0, -5, 1.5, 2 ** 31, 1e12, Infinity, Number.NaN, '9' as unknown as number])
    it(`may not be ${typeof timeoutMs} ${timeoutMs}, for which a timer would not wait`, () => {
      assert.throws(() => checkedOptions({ timeoutMs }), InvalidRequestError);
    });
});
