import assert from 'node:assert/strict';
import { cp, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { captureNode } from '../../lib/capture.ts';
import { CHECKS } from '../list.ts';
import { PLANTED } from './planted.ts';
import { type PlantedTree, plantTree } from './planted-tree.ts';

interface Rule {
  name: string;
}

describe('npm run check', () => {
  let tree: PlantedTree;
  let printed = '';
  let exitCode: number | null;

  before(async function () {
    this.timeout(240_000);
    tree = await plantTree();
    ({ output: printed, exitCode } = await check());
  });
  after(() => tree.remove());

  const check = (...names: string[]) =>
    captureNode(['scripts/check.ts', ...names], { cwd: tree.root, env: { ...process.env, NO_COLOR: '1' } });

  /** What one check printed. */
  function section(name: string): string {
    const start = printed.indexOf(`── ${name} (`);
    const end = printed.indexOf('\n── ', start + 1);
    return start < 0 ? '' : printed.slice(start, end < 0 ? undefined : end);
  }

  it('fails, and so does each of its checks', () => {
    assert.equal(exitCode, 1);
    assert.match(printed, new RegExp(`\n0 passed, ${CHECKS.length} failed, 0 skipped$`));
  });

  for (const { check: name, rule, path, expected } of PLANTED) {
    it(`${name} finds what breaks ${rule} in ${path}`, () => {
      const said = section(name)
        .split('\n')
        .filter((line) => line.includes(path));
      assert.ok(
        expected.test(section(name)),
        `all that it says of the file: ${said.join('; ') || 'nothing'}`,
      );
    });
  }

  it('has a violation planted for every import rule', async () => {
    const rules = (await import(join(tree.root, '.dependency-cruiser.mjs'))).default.forbidden as Rule[];
    const planted = new Set(PLANTED.map(({ rule }) => rule));
    const missing = rules.filter(({ name }) => !planted.has(name));
    assert.deepEqual(missing, []);
  });

  it('does not take an unread source for a good one', async function () {
    this.timeout(30_000);
    // Without a compiler, dependency-cruiser reads no TypeScript and reports no violation.
    const cruiser = join(tree.root, 'node_modules/dependency-cruiser');
    const installed = await realpath(cruiser);
    await rm(cruiser);
    await cp(installed, cruiser, { recursive: true });
    await rm(join(tree.root, 'node_modules/typescript'));
    const { output, exitCode } = await check('boundaries');
    assert.equal(exitCode, 1);
    assert.match(output, /^not-checked: services\/planted\/src\/main\.ts/m);
  });
});
