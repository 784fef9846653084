import assert from 'node:assert/strict';
import { blocksOf } from './support/page.ts';
import { firstMissing, isAsShown, sessionOf } from './support/shown.ts';

describe('a block of a page', () => {
  it('has what the comments and the line above it say', () => {
    const text = 'Save this as `a.json`:\n\n<!-- first: X=1 -->\n<!-- exit code: 3 -->\n```json\n{}\n```\n';
    const [block] = blocksOf(text);
    assert.ok(block);
    const { language, file, first, exitCode, line, notRun } = block;
    assert.deepEqual(
      { language, file, first, exitCode, line, notRun },
      { language: 'json', file: 'a.json', first: 'X=1', exitCode: 3, line: 5, notRun: undefined },
    );
  });

  it('is not run if the comment directly above says so, and not one further up', () => {
    const text = '<!-- not run: starts a stack -->\n```sh\na\n```\nThen\n```sh\nb\n```\n';
    assert.deepEqual(
      blocksOf(text).map(({ notRun }) => notRun),
      ['starts a stack', undefined],
    );
  });
});

describe('a session', () => {
  it('has commands of several lines: by a backslash, quotes and here-documents', () => {
    const text = "$ a \\\n  b\n$ c '\nd\n'\n$ e <<END\n$ f\nEND\nshown\n$ g  # it's\nmore\n";
    assert.deepEqual(sessionOf(text), {
      script: "a \\\n  b\nc '\nd\n'\ne <<END\n$ f\nEND\ng  # it's",
      shown: ['shown', 'more'],
    });
  });

  it('is as shown whatever the widths, where … may be anything, and in this order', () => {
    assert.ok(isAsShown('a    12.5  b', 'a … b'));
    assert.ok(!isAsShown('a b', 'a c'));
    assert.equal(firstMissing(['x', 'y'], ['y', 'x']), 'x');
  });
});
