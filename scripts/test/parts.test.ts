import assert from 'node:assert/strict';
import { join } from 'node:path';
import { findFiles, groupsOf, lanesOf, PARTS, parseSelection } from './parts.ts';

describe('parseSelection', () => {
  const names = (args: string[]) => parseSelection(args).parts.map((part) => part.name);

  it('takes all parts unless some are named, always in their order', () => {
    assert.deepEqual(names([]), ['unit', 'integration', 'e2e', 'docs']);
    assert.deepEqual(names(['e2e', 'unit']), ['unit', 'e2e']);
    assert.deepEqual(names(['containers', 'e2e']), ['e2e', 'containers']);
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

  it('takes a page for a title', () => {
    const { paths, title } = parseSelection(['docs', 'docs/sdk/api.md']);
    assert.deepEqual([paths, title], [[], 'docs/sdk/api.md']);
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

describe('lanesOf', () => {
  const [unit, integration] = PARTS;
  const [own, other] = ['services/gateway/test/a.test.ts', 'services/keys/test/b.test.ts'];

  it('has two of them run side by side where there are processors for it, each with all that is its own', () => {
    assert.ok(integration);
    assert.deepEqual(lanesOf(integration, [own, other], 2), [[own], [other]]);
    assert.deepEqual(lanesOf(integration, [own, other], 1), [[own, other]]);
    assert.deepEqual(lanesOf(integration, [other], 2), [[other]]);
  });

  it('leaves a part whole that has none', () => {
    assert.ok(unit);
    assert.deepEqual(lanesOf(unit, [own, other], 2), [[own, other]]);
  });

  it('parts the files that there are in two, neither of them empty', async () => {
    assert.ok(integration);
    const all = await findFiles(integration, [], join(import.meta.dirname, '..', '..'));
    const lanes = lanesOf(integration, all, 2);
    assert.equal(lanes.length, 2);
    assert.deepEqual(lanes.flat().toSorted(), all);
  });
});

describe('groupsOf', () => {
  const usual = PARTS.filter(({ onlyByName }) => !onlyByName);
  const names = (processors: number, wanted = usual) =>
    groupsOf(wanted, processors).map((parts) => parts.map(({ name }) => name));

  it('has the documents tested beside the whole system, where there are processors for it', () => {
    assert.deepEqual(names(2), [['unit'], ['integration'], ['e2e', 'docs']]);
    assert.deepEqual(names(1), [['unit'], ['integration'], ['e2e'], ['docs']]);
  });

  it('leaves a part alone whose neighbour is not wanted', () => {
    const wanted = usual.filter(({ name }) => name !== 'e2e');
    assert.deepEqual(names(2, wanted), [['unit'], ['integration'], ['docs']]);
  });
});
