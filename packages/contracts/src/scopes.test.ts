import assert from 'node:assert/strict';
import { effectiveScopes, SCOPES, scopeProblem } from './scopes.ts';

describe('effectiveScopes', () => {
  it('are those of the key, whatever the role', () => {
    for (const role of ['member', 'admin'] as const) {
      assert.deepEqual(effectiveScopes(['keys:read', 'mlflow:read'], role), ['mlflow:read', 'keys:read']);
      assert.deepEqual(effectiveScopes([], role), []);
      assert.deepEqual(effectiveScopes(['unheard:of'], role), []);
    }
  });

  it('are all of them for an admin key of an admin, and lose only admin with the role', () => {
    assert.deepEqual(effectiveScopes(['admin'], 'admin'), [...SCOPES]);
    assert.deepEqual(
      effectiveScopes(['admin'], 'member'),
      SCOPES.filter((scope) => scope !== 'admin'),
    );
  });
});

describe('scopeProblem', () => {
  it('keeps admin off test keys', () => {
    for (const scope of SCOPES) {
      assert.equal(scopeProblem(scope, 'live'), undefined);
      assert.equal(scopeProblem(scope, 'test') !== undefined, scope === 'admin');
    }
  });
});
