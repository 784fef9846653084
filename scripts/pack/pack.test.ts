import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { moveLinks } from './links.ts';
import { publishedManifest } from './manifest.ts';
import { checkTargets } from './pack.ts';
import { findPublished } from './published.ts';

const MANIFEST = {
  name: '@scope/name',
  version: '1.0.0',
  private: true,
  scripts: { build: 'node build.js' },
  devDependencies: { other: '1.0.0' },
  dependencies: { needed: '2.0.0' },
  main: './dist/index.cjs',
  exports: {
    '.': {
      source: './src/index.ts',
      import: { types: './dist/index.d.ts', default: './dist/index.js' },
      require: './dist/index.cjs',
    },
    './package.json': './package.json',
  },
};

describe('the manifest of an archive', () => {
  it('leads to no source, and names nothing that only a checkout has', () => {
    assert.deepEqual(publishedManifest(MANIFEST), {
      name: '@scope/name',
      version: '1.0.0',
      dependencies: { needed: '2.0.0' },
      main: './dist/index.cjs',
      exports: {
        '.': {
          import: { types: './dist/index.d.ts', default: './dist/index.js' },
          require: './dist/index.cjs',
        },
        './package.json': './package.json',
      },
    });
  });

  it('is refused, with all that is missing, where a build has not made what it leads to', () => {
    const stage = mkdtempSync(join(tmpdir(), 'hokusai-pack-test-'));
    try {
      writeFileSync(join(stage, 'package.json'), '{}');
      assert.throws(() => checkTargets(publishedManifest(MANIFEST), stage), {
        message:
          "@scope/name can't be packed: its build has not made dist/index.cjs, dist/index.d.ts, dist/index.js.",
      });
    } finally {
      rmSync(stage, { recursive: true });
    }
  });
});

describe('the pages of an archive', () => {
  const places = new Map([
    ['packages/sdk/README.md', 'README.md'],
    ['docs/sdk/api.md', 'docs/sdk/api.md'],
    ['docs/sdk/errors.md', 'docs/sdk/errors.md'],
  ]);
  const moved = (text: string, page = 'docs/sdk/api.md') => moveLinks(text, page, places);

  it('link to each other by where they are there', () => {
    assert.equal(
      moved('All: [the\nAPI](../../docs/sdk/api.md).', 'packages/sdk/README.md'),
      'All: [the\nAPI](docs/sdk/api.md).',
    );
    assert.equal(
      moved('[`Run[]`](errors.md#classes), [README](../../packages/sdk/README.md)'),
      '[`Run[]`](errors.md#classes), [README](../../README.md)',
    );
  });

  it('keep addresses, places in themselves and code, and lose links to what does not come along', () => {
    const kept = '[a](https://example.com/x.md) [b](#title)\n```ts\nnames[0](docs.md);\n```\n';
    assert.equal(moved(kept), kept);
    assert.equal(moved('see [the limits](../reference/rate-limits.md#all).'), 'see the limits.');
  });
});

describe('what is published', () => {
  it('is known by its folder', () => {
    assert.deepEqual(
      findPublished(['./packages/cli/']).map(({ folder }) => folder),
      ['packages/cli'],
    );
    assert.throws(
      () => findPublished(['packages/testing']),
      /packages\/testing is not published: packages\/sdk and packages\/cli are\./,
    );
  });
});
