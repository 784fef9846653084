import assert from 'node:assert/strict';
import { readArguments, USAGE, UsageError } from './arguments.ts';
import { explainFailure } from './failures.ts';

describe('the command line of bootstrap-admin', () => {
  it('is read', () => {
    assert.deepEqual(readArguments([]), { file: undefined, reason: null });
    assert.deepEqual(readArguments(['--file', 'a', '--reason', ' all lost ']), {
      file: 'a',
      reason: 'all lost',
    });
    assert.equal(readArguments(['-h', '--file', 'a']), 'help');
    assert.match(USAGE, /examples:\n {2}hokusai-keys bootstrap-admin --file/);
  });

  const wrong: [title: string, args: string[], message: RegExp][] = [
    ['an unknown option', ['--fil', 'a'], /--fil/],
    ['an option without its value', ['--file'], /--file/],
    ['a word too many', ['admin.key'], /admin\.key/],
    ['an empty path', ['--file', ''], /--file: expected a path/],
    ['an empty reason', ['--reason', ' '], /--reason: expected a text/],
    ['a long reason', ['--reason', 'x'.repeat(501)], /--reason: is longer than 500/],
    ['a reason of two lines', ['--reason', 'a\nb'], /--reason: contains line breaks/],
    [
      'a reason with a key in it',
      ['--reason', `lost hk_live_${'a'.repeat(50)}`],
      /--reason: contains an API key/,
    ],
  ];
  for (const [title, args, message] of wrong) {
    it(`refuses ${title}, and says where to read on`, () => {
      try {
        readArguments(args);
      } catch (error) {
        const failure = explainFailure(error);
        assert.equal(failure.exitCode, 64);
        assert.match(failure.message, message);
        assert.match(failure.message, /--help/);
        return;
      }
      assert.fail('was taken');
    });
  }

  it('keeps other errors apart', () => {
    assert.deepEqual(explainFailure(new Error('x')), { message: 'x', exitCode: 1 });
    assert.equal(explainFailure(new UsageError('x')).exitCode, 64);
  });
});
