import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endLeftovers, openRunDirectory } from './run-directory.ts';

describe('run directory', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-run-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const sleeper = async () => {
    const child = spawn('sleep', ['60']);
    await once(child, 'spawn');
    return child;
  };

  it('holds a pid file for each process until it is forgotten', () => {
    const run = openRunDirectory(folder);
    run.record('keys', process.pid);
    assert.equal(readFileSync(join(folder, 'keys.pid'), 'utf8'), `${process.pid}\n`);
    assert.deepEqual(
      run.living().map(({ name }) => name),
      ['keys'],
    );
    run.forget('keys');
    assert.equal(existsSync(join(folder, 'keys.pid')), false);
    assert.deepEqual(run.living(), []);
  });

  it('lets what a killed supervisor left be ended', async () => {
    const child = await sleeper();
    const exited = once(child, 'exit');
    openRunDirectory(folder).record('usage', child.pid as number);
    assert.deepEqual(await endLeftovers(folder), ['usage']);
    assert.deepEqual(await exited, [null, 'SIGTERM']);
    assert.deepEqual(await endLeftovers(folder), []);
  });

  it('leaves a later process alone that got the same pid', async () => {
    const child = await sleeper();
    const record = [{ name: 'usage', pid: child.pid, startTime: '1' }];
    writeFileSync(join(folder, 'processes.json'), JSON.stringify(record));
    assert.deepEqual(await endLeftovers(folder), []);
    assert.equal(child.exitCode, null);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    assert.deepEqual(await exited, [null, 'SIGKILL']);
  });
});
