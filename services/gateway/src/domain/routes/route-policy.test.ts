import assert from 'node:assert/strict';
import { type CanonicalPath, canonicalPath } from './canonical-path.ts';
import { createRoutePolicy, METHODS } from './route-policy.ts';

const policy = createRoutePolicy(
  {
    name: 'Features',
    rules: [{ outcome: 'mlflow:read', methods: METHODS, paths: ['/**'] }],
    encodedSlash: ['/files/**', '/{items,sets}/*/parts', '/items'],
    routes: ['/files/{path:path}', '/items/{rest:path}', '/sets/{rest:path}'],
  },
  { assistant: false, presignedUrls: false },
);

function canonical(raw: string): CanonicalPath {
  const path = canonicalPath(raw);
  return path.problem === undefined ? path : assert.fail(`${raw}: ${path.message}`);
}

/** The path, and how often one of its segments was looked at. */
function counted(raw: string): { path: CanonicalPath; looks: () => number } {
  const { path, segments } = canonical(raw);
  let looks = 0;
  const watched = new Proxy(segments, {
    get(target, name, receiver) {
      if (typeof name === 'string' && /^\d+$/.test(name)) looks += 1;
      return Reflect.get(target, name, receiver);
    },
  });
  return { path: { path, segments: watched }, looks: () => looks };
}

describe('a policy of routes', () => {
  it('takes %2F just where a pattern says: in the segment below it, or in all of them', () => {
    for (const path of ['/files/a%2Fb', '/files/x/y/a%2Fb/c%2Fd', '/items/a%2fb', '/sets/s/parts/a%2Fb'])
      assert.equal(policy.scopeFor('GET', canonical(path)).kind, 'scope', path);
    for (const path of [
      '/a%2Fb',
      '/items/x/a%2Fb',
      '/sets/a%2Fb',
      '/items/a%2Fb/c%2Fd',
      '/sets/s/parts/x/a%2Fb',
    ])
      assert.equal(policy.scopeFor('GET', canonical(path)).kind, 'refused', path);
  });

  it('looks at each segment of a path a few times, whatever stands in them', () => {
    const segments = 2000;
    for (const unit of ['/a', '/a%2Fb', '/a;b', '/a%3Bb', '/%41', '/;a']) {
      for (const beginning of ['/files', '/items', '']) {
        const { path, looks } = counted(beginning + unit.repeat(segments));
        policy.scopeFor('GET', path);
        policy.endpointOf(path);
        assert.ok(looks() > 0 && looks() <= 5 * (segments + 1), `${beginning}${unit}: ${looks()}`);
      }
    }
  });
});
