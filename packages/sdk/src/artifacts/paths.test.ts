import assert from 'node:assert/strict';
import { posix } from 'node:path';
import fc from 'fast-check';
import { InvalidRequestError } from '../errors/errors.ts';
import { checkFolder, checkListed, checkNewPath, checkPath, encodePath } from './paths.ts';

const refused = (message: RegExp) => (error: unknown) =>
  error instanceof InvalidRequestError && message.test(error.message);

describe('the path of an artifact', () => {
  for (const path of [
    'a',
    'a/b.txt',
    'a b',
    'ü/日本語.txt',
    '+&=@,',
    '100%',
    'a?b',
    'a;b',
    '...',
    '.a',
    'a/~',
    'a:b',
  ])
    it(`may be ${path}`, () => assert.equal(checkNewPath(path), path));

  for (const path of ['..', '../a', 'a/../b', 'a/..', '.', './a', 'a/.', '/a', '//a', 'a//b', 'a/', ''])
    it(`does not lead elsewhere: "${path}"`, () =>
      assert.throws(() => checkPath(path), refused(/^The path .* can't be one of an artifact: it /)));

  for (const path of ['a\\b', '..\\a', 'a\u0000', 'a\nb', '\ud800', 'a\u007f'])
    it(`has nothing that no URL holds: ${JSON.stringify(path)}`, () =>
      assert.throws(() => checkPath(path), refused(/backslash, a control character or half a character/)));

  for (const path of ['a#b', 'a%41', '50%25', 'a?', 'a;', 'a?/b', 'a;?b'])
    it(`is not one that MLflow would change: ${path}`, () =>
      assert.throws(() => checkPath(path), refused(/MLflow does not keep names with/)));

  it('has no folder at its top that MLflow would take for a URL, unless it is there already', () => {
    for (const path of [' a/b', 'file:/b', 'Model:1/b']) {
      assert.throws(() => checkNewPath(path), refused(/MLflow does not find/));
      assert.equal(checkPath(path), path);
      assert.throws(() => checkFolder(path), refused(/MLflow does not find/));
    }
    assert.equal(checkFolder(''), '');
  });

  it('stays below the folder of the artifacts, encoded or not, whatever it is', () => {
    const name = fc.oneof(
      fc.constantFrom('..', '.', '', '%2e%2e', '%2f', '\\'),
      fc.string({ unit: 'binary' }),
    );
    const paths = fc.array(name).map((names) => names.join('/'));
    fc.assert(
      fc.property(paths, (path) => {
        try {
          checkPath(path);
        } catch {
          return;
        }
        assert.equal(posix.join('/root', path), `/root/${path}`);
        const url = new URL(`http://host/root/${encodePath(path)}`);
        assert.equal(decodeURIComponent(url.pathname), `/root/${path}`);
        assert.equal(url.search + url.hash, '');
      }),
      { numRuns: 1000 },
    );
  });
});

describe('what a server lists', () => {
  it('is right in the folder', () => {
    assert.equal(checkListed('', 'a'), 'a');
    assert.equal(checkListed('a/b', 'a/b/c'), 'a/b/c');
    // Whatever it is called there: it can't be asked for, but it is there.
    assert.equal(checkListed('a', 'a/50%25'), 'a/50%25');
  });

  for (const [folder, path] of [
    ['', '..'],
    ['', '../x'],
    ['', '/etc/passwd'],
    ['', ''],
    ['', 'a/b'],
    ['a', 'a'],
    ['a', 'a/'],
    ['a', 'a/..'],
    ['a', 'a/../b'],
    ['a', 'b/c'],
    ['a', 'ab/c'],
    ['a', 'a/b\\..\\c'],
    ['a', 'a/b\0'],
  ] as const)
    it(`is refused elsewhere: "${path}" in "${folder}"`, () =>
      assert.throws(() => checkListed(folder, path), refused(/which is not in it: nothing of it is taken/)));
});
