import assert from 'node:assert/strict';
import { ERROR_CODES, type ErrorReason, HokusaiError } from '@hokusai/contracts';
import { problemOf } from './problem.ts';

/** What MLflow's client knows, of what we use, and two of our own for our own API. */
const KNOWN = [
  ...['UNAUTHENTICATED', 'PERMISSION_DENIED', 'REQUEST_LIMIT_EXCEEDED', 'TEMPORARILY_UNAVAILABLE'],
  ...['DEADLINE_EXCEEDED', 'ENDPOINT_NOT_FOUND', 'INVALID_PARAMETER_VALUE', 'INTERNAL_ERROR'],
  ...['NOT_FOUND', 'RESOURCE_CONFLICT'],
];

describe('problemOf', () => {
  const statuses: Record<string, number> = {
    invalid_request: 400,
    unprocessable: 422,
    unauthenticated: 401,
    permission_denied: 403,
    not_found: 404,
    conflict: 409,
    rate_limited: 429,
    unavailable: 503,
    deadline_exceeded: 504,
    internal: 500,
  };
  for (const code of ERROR_CODES) {
    it(`answers ${code} with ${statuses[code]}`, () => {
      const { status, body } = problemOf(new HokusaiError(code, 'What happened.'), 'r1');
      assert.equal(status, statuses[code]);
      assert.equal(body.type, `urn:hokusai:error:${code}`);
      assert.equal(body.detail, 'What happened.');
      assert.equal(body.message, 'What happened. (request id r1)');
      assert.equal(body.request_id, 'r1');
      assert.ok(KNOWN.includes(body.error_code), body.error_code);
    });
  }

  const byReason: [
    code: 'invalid_request' | 'unavailable' | 'deadline_exceeded',
    reason: string,
    status: number,
  ][] = [
    ['invalid_request', 'method_not_allowed', 405],
    ['invalid_request', 'body_too_large', 413],
    ['invalid_request', 'unsupported_media_type', 415],
    ['invalid_request', 'expectation_failed', 417],
    ['invalid_request', 'header_too_large', 431],
    ['invalid_request', 'unsupported_transfer_coding', 501],
    ['deadline_exceeded', 'request_timeout', 408],
    ['unavailable', 'upstream_broke_off', 502],
    ['invalid_request', 'constructor', 400],
  ];
  for (const [code, reason, status] of byReason) {
    it(`answers ${reason} with ${status}`, () => {
      const problem = problemOf(new HokusaiError(code, 'x', { reason: reason as ErrorReason }), 'r1');
      assert.equal(problem.status, status);
      assert.equal(problem.body.type, `urn:hokusai:error:${reason}`);
    });
  }

  it('says when to try again, where that mends anything', () => {
    const after = (
      code: 'unavailable' | 'rate_limited' | 'invalid_request',
      reason: ErrorReason,
      seconds?: number,
    ) =>
      problemOf(
        new HokusaiError(code, 'x', {
          reason,
          ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
        }),
        'r1',
      ).retryAfterSeconds;
    assert.equal(after('unavailable', 'standby'), 5);
    assert.equal(after('unavailable', 'standby', 1), 1);
    assert.equal(after('rate_limited', 'rate_limited', 60), 60);
    assert.equal(after('unavailable', 'upstream_broke_off', 5), undefined);
    assert.equal(after('invalid_request', 'body_too_large', 5), undefined);
  });

  it('tells of a limit that is used up as its registered type does', () => {
    const violations = [{ path: 'hour', message: 'x' }];
    const { body } = problemOf(
      new HokusaiError('rate_limited', 'x', { reason: 'rate_limited', violations }),
      'r',
    );
    assert.equal(body.type, 'https://iana.org/assignments/http-problem-types#quota-exceeded');
    assert.deepEqual(body['violated-policies'], ['hour']);
    assert.equal('violations' in body, false);
  });

  it('lists what is broken only where something is', () => {
    const violations = [{ path: 'a', message: 'b' }];
    assert.deepEqual(
      problemOf(new HokusaiError('unprocessable', 'x', { violations }), 'r').body.violations,
      violations,
    );
    assert.equal('violations' in problemOf(new HokusaiError('unprocessable', 'x'), 'r').body, false);
  });
});
