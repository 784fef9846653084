import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processStartTime } from './process-identity.js';
import { HopelessError, logOf, ProcessFailure, startProcess, stopProcess, whenReady } from './processes.ts';

describe('long-running processes', () => {
  let folder = '';
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-processes-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  const shell = (script: string, name = 'shell') =>
    startProcess({
      name,
      command: '/bin/sh',
      args: ['-c', script],
      env: process.env,
      logFile: join(folder, `${name}.log`),
    });
  const said = (text: string, running: Awaited<ReturnType<typeof shell>>) => () =>
    logOf(running).includes(text) ? Promise.resolve() : Promise.reject(new Error('not yet'));

  it('are ended by the signal that they know', async () => {
    const running = await shell("trap 'exit 5' TERM; echo up; while :; do sleep 0.05; done");
    await whenReady(running, said('up', running), { limitMs: 5000 });
    assert.deepEqual(await stopProcess(running, { signal: 'SIGTERM', limitMs: 5000 }), {
      code: 5,
      signal: null,
    });
  });

  it('are killed with their descendants when they ignore it', async () => {
    const running = await shell("trap '' TERM; sleep 60 & echo child $!; wait; wait", 'stubborn');
    await whenReady(running, said('child', running), { limitMs: 5000 });
    const child = Number(/child (\d+)/.exec(logOf(running))?.[1]);
    assert.deepEqual(await stopProcess(running, { signal: 'SIGTERM', limitMs: 100 }), {
      code: null,
      signal: 'SIGKILL',
    });
    const gone = () => {
      if (processStartTime(child) !== undefined) throw new Error('still there');
      return Promise.resolve();
    };
    await whenReady({ ...running, exit: () => undefined }, gone, { limitMs: 2000 });
  });

  it('that end before they are ready are told of, with what they said this time', async () => {
    const first = await shell('echo earlier', 'failing');
    await first.exited;
    const running = await shell('echo why; exit 3', 'failing');
    const failure = await whenReady(running, () => Promise.reject(new Error('no')), { limitMs: 5000 }).catch(
      (error) => error,
    );
    assert.ok(failure instanceof ProcessFailure);
    assert.equal(failure.exitCode, 3);
    assert.match(
      failure.message,
      /^failing ended before it was ready \(exit code 3\)\. The end of .*:\n {2}why$/,
    );
  });

  it('that never get ready are told of with the last thing that was wrong', async () => {
    const running = await shell('sleep 60', 'slow');
    await assert.rejects(
      whenReady(running, () => Promise.reject(new Error('status 503')), { limitMs: 50 }),
      /slow was not ready within 0\.05 s \(status 503\)/,
    );
    await stopProcess(running, { signal: 'SIGTERM', limitMs: 1000 });
  });

  it('are not waited for when it is hopeless', async () => {
    const running = await shell('sleep 60', 'hopeless');
    const hopeless = new HopelessError('wrong password');
    await assert.rejects(
      whenReady(running, () => Promise.reject(hopeless), { limitMs: 60_000 }),
      hopeless,
    );
    await stopProcess(running, { signal: 'SIGTERM', limitMs: 1000 });
  });

  it('that can not be started say so', async () => {
    const options = { name: 'nothing', args: [], env: {}, logFile: join(folder, 'nothing.log') };
    await assert.rejects(
      startProcess({ ...options, command: '/does/not/exist' }),
      /nothing: .* could not be started/,
    );
  });
});
