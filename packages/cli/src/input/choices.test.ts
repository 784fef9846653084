import assert from 'node:assert/strict';
import { SCOPES as KNOWN } from '@hokusai/contracts/scopes';
import { SCOPES } from './choices.ts';

describe('the scopes that are offered', () => {
  // The published command imports no sibling, so they are written out once more.
  it('are those that the gateway knows', () => {
    assert.deepEqual(SCOPES, KNOWN);
  });
});
