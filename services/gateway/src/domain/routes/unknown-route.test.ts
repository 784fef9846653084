import assert from 'node:assert/strict';
import { canonicalPath } from './canonical-path.ts';
import { mlflowPolicy } from './mlflow-policy.ts';
import { isPlainlyUnknown } from './unknown-route.ts';

const policy = mlflowPolicy({ assistant: false, presignedUrls: true });

function isUnknown(text: string, method = 'GET'): boolean {
  const path = canonicalPath(text);
  assert.ok(path.problem === undefined, text);
  return isPlainlyUnknown(policy, method, path);
}

describe('a plainly unknown route', () => {
  it('is in no table, and of letters, digits and / . _ - ~', () => {
    for (const path of ['/unheard-of', '/unheard/of/', '/unheard/x_y~z']) assert.ok(isUnknown(path), path);
  });

  it('is none that is known, also in other letters, and none that can be read in two ways', () => {
    for (const path of [
      '/api/2.0/mlflow/runs/get',
      '/API/2.0/mlflow/Runs/get',
      '/api/3.0/mlflow/assistant/config',
      '/api/3.0/mlflow/Assistant/config',
      '/unheard%20of',
      '/unheard;of',
      '/unheard@of',
    ])
      assert.ok(!isUnknown(path), path);
  });

  it('is asked for by a method that there is', () => {
    assert.ok(!isUnknown('/unheard-of', 'PROPFIND'));
  });
});
