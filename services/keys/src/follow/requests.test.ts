import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { toFollowerOptions, toPing } from './requests.ts';

const INCARNATION = 'a0000000-0000-4000-8000-00000000000b';
const OPEN = { incarnation: INCARNATION, gateway: 'g', lastEpoch: '', lastCut: '0', trustMs: 65_000 };
const PING = { number: '1', applied: '0', appliedCut: '0' };
const [HIGHEST, TOO_HIGH] = ['9223372036854775807', '9223372036854775808'];

const refuses = (read: () => unknown, message: RegExp) =>
  assert.throws(
    read,
    (error) =>
      error instanceof HokusaiError && error.code === 'invalid_request' && message.test(error.message),
  );

describe('requests of followers', () => {
  it('knows a gateway by one spelling of its incarnation', () => {
    const { incarnation } = toFollowerOptions({ ...OPEN, incarnation: INCARNATION.toUpperCase() });
    assert.equal(incarnation, INCARNATION);
  });

  it('resumes after a position only if there is one', () => {
    assert.equal(toFollowerOptions(OPEN).resumeAfter, undefined);
    const { resumeAfter } = toFollowerOptions({ ...OPEN, lastEpoch: 'e', lastCut: HIGHEST });
    assert.deepEqual(resumeAfter, { epoch: 'e', cut: 2n ** 63n - 1n });
  });

  const badOpens: [Partial<typeof OPEN>, RegExp][] = [
    [{ incarnation: 'x' }, /incarnation must be a uuid/],
    [{ gateway: '' }, /gateway must not be empty/],
    [{ gateway: 'x'.repeat(257) }, /gateway must have at most 256 characters/],
    [{ gateway: 'x\0y' }, /gateway must be well-formed Unicode without NUL/],
    [{ gateway: 'x\ud800' }, /gateway must be well-formed/],
    [{ lastEpoch: 'x\0y' }, /lastEpoch must be well-formed/],
    [{ lastCut: TOO_HIGH }, /lastCut must be at most 2\^63 - 1/],
    [{ trustMs: 2_147_483_648 }, /trustMs must be at most/],
  ];
  for (const [wrong, message] of badOpens)
    it(`refuses to open with ${JSON.stringify(wrong).slice(0, 60)}`, () =>
      refuses(() => toFollowerOptions({ ...OPEN, ...wrong }), message));

  it('takes pings with numbers that the database can hold', () => {
    assert.equal(toPing({ ...PING, number: HIGHEST }).number, 2n ** 63n - 1n);
    for (const name of Object.keys(PING))
      refuses(() => toPing({ ...PING, [name]: TOO_HIGH }), new RegExp(`${name} must be at most`));
  });
});
