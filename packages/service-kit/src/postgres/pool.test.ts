import assert from 'node:assert/strict';
import { isTransientDatabaseError } from './pool.ts';

const withCode = (code: string) => Object.assign(new Error('x'), { code });

describe('isTransientDatabaseError', () => {
  const outages = [
    '08006',
    '25006',
    '28P01',
    '3D000',
    '40P01',
    '53300',
    '55P03',
    '57P01',
    '58030',
    'ECONNREFUSED',
    'ENETUNREACH',
  ];
  for (const code of outages)
    it(`takes ${code} for an outage`, () => assert.equal(isTransientDatabaseError(withCode(code)), true));

  for (const code of ['22P02', '23505', '42601', '25P02', 'ERR_INVALID_ARG_TYPE'])
    it(`takes ${code} for a fault of the statement`, () =>
      assert.equal(isTransientDatabaseError(withCode(code)), false));

  it("knows the drivers' own errors by their message, and nothing else", () => {
    assert.equal(isTransientDatabaseError(new Error('Query read timeout')), true);
    assert.equal(isTransientDatabaseError(new Error('Connection terminated unexpectedly')), true);
    assert.equal(isTransientDatabaseError(new Error('x')), false);
    assert.equal(isTransientDatabaseError('timeout'), false);
  });
});
