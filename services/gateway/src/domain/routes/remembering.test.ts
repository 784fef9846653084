import assert from 'node:assert/strict';
import { canonicalPath } from './canonical-path.ts';
import { rememberingPaths, rememberingTexts } from './remembering.ts';
import type { RoutePolicy } from './route-policy.ts';

describe('rememberingTexts', () => {
  it('works a text out once, and answers with the same object', () => {
    const asked: string[] = [];
    const find = rememberingTexts((text) => {
      asked.push(text);
      return { text };
    });
    assert.equal(find('/a'), find('/a'));
    assert.notEqual(find('/a'), find('/b'));
    assert.deepEqual(asked, ['/a', '/b']);
  });

  it('keeps a bounded number of texts, and no long ones', () => {
    let count = 0;
    const find = rememberingTexts((text) => ({ text, count: count++ }));
    const long = 'x'.repeat(1000);
    assert.notEqual(find(long), find(long));
    const first = find('0');
    for (let index = 1; index < 2000; index++) find(String(index));
    assert.equal(find('0'), first);
    find('one more');
    assert.notEqual(find('0'), first);
  });
});

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
