import assert from 'node:assert/strict';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemDependencies } from './system.ts';

const FACTS = { executable: '/p', version: '3.12.1', mlflow: null };

describe('systemDependencies', () => {
  const { inspectPython } = systemDependencies({}, { now: Date.now, elapsed: () => 0 });
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hokusai-python-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function inspected(script: string, timeoutMs = 10_000) {
    const path = join(folder, 'python');
    await writeFile(path, `#!/bin/sh\n${script}\n`);
    await chmod(path, 0o700);
    return inspectPython(path, timeoutMs);
  }

  it('takes what a Python says last, whatever is printed before it', async () => {
    assert.deepEqual(await inspected(`echo Welcome; echo '${JSON.stringify(FACTS)}'`), FACTS);
  });

  it('tells apart a Python that is not there, one that fails, a slow one and one that says something else', async () => {
    assert.equal(await inspectPython(join(folder, 'nothing'), 1000), undefined);
    assert.deepEqual(await inspected('exit 3'), { silence: 'it ended with 3' });
    assert.deepEqual(await inspected("trap '' TERM; sleep 5; sleep 5", 300), {
      silence: 'it did not answer within 0.3 s',
    });
    for (const said of [
      'Welcome',
      '',
      'null',
      '7',
      '{"version": 3}',
      '{"executable":"a","version":"3","mlflow":7}',
    ])
      assert.deepEqual(await inspected(`echo '${said}'`), {
        silence: 'its answer can not be understood',
      });
  });
});
