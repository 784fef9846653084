import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Attempt, decideRetry, type Failure, type RetryBounds } from './retry-policy.ts';

const bounds = fc.record({
  maxRetries: fc.nat(10),
  retryBudgetMs: fc.nat(200_000),
  maxRetryAfterMs: fc.nat(100_000),
});
const status = fc.oneof(fc.constantFrom(408, 429, 500, 502, 503, 504), fc.integer({ min: 300, max: 599 }));
const failure: fc.Arbitrary<Failure> = fc.oneof(
  fc.constantFrom<Failure>({ kind: 'not-sent' }, { kind: 'no-answer' }, { kind: 'permanent' }),
  fc.record({
    kind: fc.constant('status' as const),
    status,
    retryAfterMs: fc.option(fc.nat(200_000), { nil: undefined }),
  }),
);
const attempt: fc.Arbitrary<Attempt> = fc.record({
  failure,
  isIdempotent: fc.boolean(),
  retries: fc.nat(12),
  elapsedMs: fc.nat(250_000),
});
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
const ample: RetryBounds = { maxRetries: 10, retryBudgetMs: 1e9, maxRetryAfterMs: 1e6 };

function decide(about: Failure, isIdempotent: boolean, within = ample) {
  return decideRetry({ failure: about, isIdempotent, retries: 0, elapsedMs: 0 }, within, () => 0.5);
}

describe('decideRetry', () => {
  it('never waits beyond the bounds, whatever the failure', () => {
    fc.assert(
      fc.property(attempt, bounds, random, (about, within, value) => {
        const decision = decideRetry(about, within, () => value);
        if (!decision.retry) return;
        assert(about.retries < within.maxRetries);
        assert(decision.waitMs >= 0 && Number.isInteger(decision.waitMs));
        assert(about.elapsedMs + decision.waitMs <= within.retryBudgetMs);
        if (decision.askedByServer) assert(decision.waitMs <= within.maxRetryAfterMs);
        else assert(decision.waitMs <= Math.min(20_000, 250 * 2 ** about.retries));
      }),
    );
  });

  it('sends a call that may have been applied again only if it is idempotent', () => {
    fc.assert(
      fc.property(attempt, random, (about, value) => {
        const decision = decideRetry({ ...about, isIdempotent: false }, ample, () => value);
        if (!decision.retry) return;
        const surelyNot =
          about.failure.kind === 'not-sent' ||
          (about.failure.kind === 'status' &&
            (about.failure.status === 429 ||
              (about.failure.status === 503 && about.failure.retryAfterMs !== undefined)));
        assert(surelyNot);
      }),
    );
  });

  it('waits exactly as long as the server asks for', () => {
    fc.assert(
      fc.property(
        fc.nat(1e6),
        fc.constantFrom(429, 503),
        fc.boolean(),
        (retryAfterMs, code, isIdempotent) => {
          const decision = decide({ kind: 'status', status: code, retryAfterMs }, isIdempotent);
          assert.deepEqual(decision, { retry: true, waitMs: retryAfterMs, askedByServer: true });
        },
      ),
    );
  });

  it('spreads the waits over the whole of a range that doubles', () => {
    const waits = (value: number) =>
      [0, 1, 2, 6, 7, 9].map((retries) => {
        const about: Attempt = { failure: { kind: 'not-sent' }, isIdempotent: false, retries, elapsedMs: 0 };
        const decision = decideRetry(about, ample, () => value);
        return decision.retry ? decision.waitMs : null;
      });
    assert.deepEqual(waits(0), [0, 0, 0, 0, 0, 0]);
    assert.deepEqual(waits(0.5), [125, 250, 500, 8000, 10_000, 10_000]);
  });

  const cases: [Failure, boolean, boolean][] = [
    [{ kind: 'not-sent' }, true, true],
    [{ kind: 'no-answer' }, true, false],
    [{ kind: 'permanent' }, false, false],
    ...[408, 500, 502, 503, 504].map((code): [Failure, boolean, boolean] => [
      { kind: 'status', status: code, retryAfterMs: undefined },
      true,
      false,
    ]),
    [{ kind: 'status', status: 429, retryAfterMs: undefined }, true, true],
    [{ kind: 'status', status: 503, retryAfterMs: 5000 }, true, true],
    ...[302, 400, 401, 403, 404, 409, 413, 422, 501].map((code): [Failure, boolean, boolean] => [
      { kind: 'status', status: code, retryAfterMs: 1 },
      false,
      false,
    ]),
  ];
  for (const [about, idempotent, other] of cases)
    it(`after ${JSON.stringify(about)}: idempotent calls ${idempotent}, others ${other}`, () => {
      assert.deepEqual([decide(about, true).retry, decide(about, false).retry], [idempotent, other]);
    });

  it('says why not', () => {
    const limited: Failure = { kind: 'status', status: 429, retryAfterMs: 2000 };
    const reason = (within: Partial<RetryBounds>) => {
      const decision = decide(limited, true, { ...ample, ...within });
      return decision.retry ? 'retry' : decision.reason;
    };
    assert.equal(reason({ maxRetryAfterMs: 1999 }), 'retry-after');
    assert.equal(reason({ maxRetries: 0 }), 'retries');
    assert.equal(reason({ retryBudgetMs: 1999 }), 'budget');
    assert.equal(reason({}), 'retry');
  });
});
