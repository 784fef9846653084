import assert from 'node:assert/strict';
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { type ErrorCode, HokusaiError } from '@hokusai/contracts/errors';
import { isObservedOnly } from './auth-mode.ts';

const cases: [code: ErrorCode, reason: ErrorReason, expected: boolean][] = [
  ['unauthenticated', 'key_missing', true],
  ['unauthenticated', 'unknown_key', true],
  ['invalid_request', 'several_keys', true],
  ['permission_denied', 'key_expired', true],
  ['permission_denied', 'scope_missing', true],
  ['permission_denied', 'environment_not_served', true],
  ['permission_denied', 'insecure_transport', true],
  ['rate_limited', 'rate_limited', true],
  ['unavailable', 'keys_unavailable', true],
  ['unavailable', 'limits_unavailable', true],
  ['permission_denied', 'foreign_origin', false],
  ['permission_denied', 'route_switched_off', false],
  ['invalid_request', 'misplaced_key', false],
  ['internal', 'malformed_answer', false],
];

describe('a gateway that observes', () => {
  for (const [code, reason, expected] of cases)
    it(`${expected ? 'serves in spite of' : 'makes the refusal'} ${reason}`, () => {
      assert.equal(isObservedOnly(new HokusaiError(code, 'x', { reason })), expected);
    });
});
