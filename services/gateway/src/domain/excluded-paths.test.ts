import assert from 'node:assert/strict';
import { excludedPaths } from './excluded-paths.ts';

describe('excludedPaths', () => {
  const isExcluded = excludedPaths(['/mlflow/health', '/open/*']);
  for (const path of ['/mlflow/health', '/open/', '/open/a', '/open/a/b'])
    it(`covers ${path}`, () => assert.equal(isExcluded(path), true));
  for (const path of [
    '/mlflow/health/',
    '/mlflow/healthy',
    '/mlflow/HEALTH',
    '/open',
    '/opened',
    '/x/open/a',
    '/open/..%252fmlflow/health',
    '/open/%252e%252e/a',
    '/',
  ])
    it(`does not cover ${path}`, () => assert.equal(isExcluded(path), false));
  it('covers nothing by default', () => assert.equal(excludedPaths([])('/'), false));
});
