import assert from 'node:assert/strict';
import { isUnserved, readMigrationArguments, readServiceArguments } from './service-arguments.ts';

describe('the command line of a service', () => {
  it('asks for the service, for a look at the configuration, or for its print', () => {
    const nothing = { checkConfig: false, printConfig: false, isWorker: false };
    assert.deepEqual(readServiceArguments([]), nothing);
    assert.deepEqual(readServiceArguments(['--worker=2']), { ...nothing, isWorker: true });
    assert.deepEqual(readServiceArguments(['--check-config']), { ...nothing, checkConfig: true });
    assert.deepEqual(readServiceArguments(['--print-config']), { ...nothing, printConfig: true });
  });

  for (const args of [['--bogus'], ['serve'], ['--check-config=yes'], ['--check-confg'], ['-x']])
    it(`is refused with its usage: ${args.join(' ')}`, () => {
      const unserved = readServiceArguments(args);
      assert.ok(isUnserved(unserved));
      assert.equal(unserved.exitCode, 64);
      assert.match(unserved.text, /--check-config .*only says/);
    });

  it('tells its usage on request', () => {
    for (const arg of ['--help', '-h']) {
      const unserved = readServiceArguments([arg]);
      assert.ok(isUnserved(unserved));
      assert.equal(unserved.exitCode, 0);
    }
  });
});

describe('the command line of migrations', () => {
  it('has nothing to say but help', () => {
    assert.equal(readMigrationArguments([]), undefined);
    assert.equal(readMigrationArguments(['--help'])?.exitCode, 0);
    for (const arg of ['down', '--check-config', '--dry-run'])
      assert.equal(readMigrationArguments([arg])?.exitCode, 64, arg);
  });
});
