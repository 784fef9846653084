import assert from 'node:assert/strict';
import { REFUSAL_FOLD_MS, RefusalFolds, type RefusedAttempt } from './refusal-folds.ts';

const attempt = (parts: Partial<RefusedAttempt> = {}): RefusedAttempt => ({
  ...{
    actingKeyId: 'k1',
    action: 'key.read',
    reason: 'key_not_found',
    targetId: 't1',
    clientIp: '192.0.2.1',
  },
  ...parts,
});

describe('RefusalFolds', () => {
  it('tells the first of each caller, action and reason by itself, and folds what follows in its window', () => {
    const folds = new RefusalFolds();
    assert.equal(folds.join(attempt(), 0), undefined);
    for (const other of [{ actingKeyId: 'k2' }, { action: 'key.revoked' }, { reason: 'scope_missing' }])
      assert.equal(folds.join(attempt(other), 1), undefined);
    const fold = folds.join(attempt(), 2);
    assert.equal(fold?.untilMs, REFUSAL_FOLD_MS);
    assert.equal(folds.join(attempt({ targetId: 't2' }), REFUSAL_FOLD_MS - 1), fold);
    assert.equal(folds.join(attempt(), REFUSAL_FOLD_MS), undefined);
  });

  it('know whether all were about one target and came from one address', () => {
    const folds = new RefusalFolds();
    const factsAfter = (parts: Partial<RefusedAttempt>) => {
      const fold = folds.join(attempt(parts), 0);
      return fold && [fold.hasOneTarget, fold.hasOneAddress];
    };
    assert.equal(factsAfter({}), undefined);
    assert.deepEqual(factsAfter({}), [true, true]);
    assert.deepEqual(factsAfter({ targetId: null }), [false, true]);
    assert.deepEqual(factsAfter({ clientIp: '192.0.2.2' }), [false, false]);
    assert.deepEqual(factsAfter({}), [false, false]);
  });

  it('remember ten thousand windows at most', () => {
    const folds = new RefusalFolds();
    for (let key = 0; key <= 10_001; key += 1) folds.join(attempt({ actingKeyId: `k${key}` }), 0);
    assert.ok(folds.join(attempt({ actingKeyId: 'k10001' }), 1));
    assert.equal(folds.join(attempt({ actingKeyId: 'k0' }), 1), undefined);
  });

  it('fold nothing where there is no window', () => {
    const folds = new RefusalFolds(0);
    assert.equal(folds.join(attempt(), 5), undefined);
    assert.equal(folds.join(attempt(), 5), undefined);
  });
});
