import assert from 'node:assert/strict';
import { canonicalPath } from './canonical-path.ts';
import { rememberingPaths } from './remembering.ts';
import type { RoutePolicy } from './route-decision.ts';

describe('rememberingPaths', () => {
  it('says what the policy says, of each method', () => {
    let asked = 0;
    const policy: RoutePolicy = {
      scopeFor(method) {
        asked += 1;
        return method === 'GET' ? { kind: 'public' } : { kind: 'scope', scope: 'mlflow:write' };
      },
      endpointOf: ({ path }) => `of ${path}`,
    };
    const remembered = rememberingPaths(policy);
    const path = canonicalPath('/a');
    const other = canonicalPath('/b');
    assert.ok(path.problem === undefined && other.problem === undefined);
    for (let round = 0; round < 2; round++) {
      assert.equal(remembered.scopeFor('GET', path).kind, 'public');
      assert.equal(remembered.scopeFor('POST', path).kind, 'scope');
      assert.equal(remembered.endpointOf(path), 'of /a');
      assert.equal(remembered.endpointOf(other), 'of /b');
    }
    assert.equal(asked, 2);
  });
});
