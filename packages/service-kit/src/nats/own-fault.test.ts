import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { z } from 'zod';
import { isOwnFault } from './own-fault.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('isOwnFault', () => {
  it('blames a message that no schema accepts, or that its handler refuses', () => {
    assert.equal(isOwnFault(z.string().safeParse(1).error), true);
    assert.throws(() => z.string().parse(1), isOwnFault);
    assert.equal(isOwnFault(new HokusaiError('unprocessable', 'x')), true);
  });

  for (const code of ['22P02', '22021', '23505', '23514'])
    it(`blames the message for ${code}`, () => assert.equal(isOwnFault(withCode(code)), true));

  for (const code of ['25006', '28P01', '3D000', '42501', '42P01', '57P01', 'XX000', 'ENETUNREACH', '22'])
    it(`does not blame the message for ${code}`, () => assert.equal(isOwnFault(withCode(code)), false));

  it('does not blame the message for what it does not know', () => {
    for (const error of [new Error('x'), new TypeError('x'), new HokusaiError('unavailable', 'x'), '22P02'])
      assert.equal(isOwnFault(error), false);
  });
});
