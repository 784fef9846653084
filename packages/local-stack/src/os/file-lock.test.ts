import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { acquireFileLock, fileLockHolder, tryFileLock } from './file-lock.js';
import { processStartTime } from './process-identity.js';

describe('file lock', () => {
  let folder = '';
  let path = '';
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-lock-'));
    path = join(folder, 'lock');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('is held by one and then by the next', async () => {
    const order: string[] = [];
    const release = await acquireFileLock(path);
    const next = acquireFileLock(path, { onWait: (pid) => order.push(`waits for ${pid}`) }).then(
      (releaseNext) => {
        order.push('has it');
        releaseNext();
      },
    );
    order.push('lets go');
    release();
    await next;
    assert.deepEqual(order, [`waits for ${process.pid}`, 'lets go', 'has it']);
    assert.deepEqual(readdirSync(folder), []);
  });

  it('names its holder', () => {
    const { release } = tryFileLock(path);
    assert.deepEqual(tryFileLock(path), { holderPid: process.pid });
    assert.equal(fileLockHolder(path), process.pid);
    release?.();
    assert.equal(fileLockHolder(path), undefined);
  });

  it('of a process that has ended holds nobody up', () => {
    const { pid } = spawnSync('true');
    writeFileSync(path, JSON.stringify({ pid, startTime: '12345' }));
    assert.equal(fileLockHolder(path), undefined);
    tryFileLock(path).release?.();
    assert.deepEqual(readdirSync(folder), []);
  });

  it('of an earlier process whose pid was given to another holds nobody up', () => {
    writeFileSync(path, JSON.stringify({ pid: process.pid, startTime: `${processStartTime(process.pid)}0` }));
    assert.equal(typeof tryFileLock(path).release, 'function');
  });

  it('tells of a file that is none', () => {
    writeFileSync(path, 'not a lock');
    assert.throws(() => tryFileLock(path), /is not a lock file; remove it/);
  });
});
