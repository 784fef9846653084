import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findFiles, PARTS, parseSelection } from './parts.ts';

describe('parseSelection', () => {
  const names = (args: string[]) => parseSelection(args).parts.map((part) => part.name);

  it('takes all parts unless some are named, always in their order', () => {
    assert.deepEqual(names([]), ['unit', 'integration', 'e2e']);
    assert.deepEqual(names(['e2e', 'unit']), ['unit', 'e2e']);
  });

  it('tells paths from titles', () => {
    const { paths, title } = parseSelection([
      'unit',
      './packages/key-format',
      'refuses',
      'swaps',
      'tag.test.ts',
    ]);
    assert.deepEqual(paths, ['packages/key-format', 'tag.test.ts']);
    assert.equal(title, 'refuses swaps');
  });

  it('asks for no title when none is given', () => {
    assert.equal('title' in parseSelection(['unit', 'packages/']), false);
  });
});

describe('findFiles', () => {
  const root = join(import.meta.dirname, '..', '..');
  const [unit] = PARTS;

  it('finds the files of a part, or those that were asked for', async () => {
    assert.ok(unit);
    const all = await findFiles(unit, [], root);
    assert.ok(all.includes('scripts/test/parts.test.ts'));
    assert.deepEqual(await findFiles(unit, ['scripts/test/parts'], root), ['scripts/test/parts.test.ts']);
  });

  it('looks into no installed package', async () => {
    assert.ok(unit);
    const all = await findFiles(unit, [], root);
    assert.deepEqual(
      all.filter((file) => file.includes('node_modules')),
      [],
    );
  });
});
