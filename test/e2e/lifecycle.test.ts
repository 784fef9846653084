/** `npm start` and `npm run stop` as a stranger uses them. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { call, createKey } from './support/rest.ts';
import { newHome, onlyOfLocalStart, type Stack, startStack, stopStack } from './support/stack.ts';

const root = join(import.meta.dirname, '../..');

describe('npm start', function () {
  this.timeout(300_000);
  let home = '';
  let stack: Stack;

  before(async function () {
    onlyOfLocalStart(this);
    home = await newHome();
    stack = await startStack(home);
  });
  after(async () => {
    if (!home) return;
    await stopStack(home);
    await rm(home, { recursive: true });
  });

  it('keeps secrets readable by their owner only', async () => {
    for (const file of ['env', 'admin.key']) {
      assert.equal((await stat(join(home, file))).mode & 0o777, 0o600, file);
    }
  });

  it('prints commands that work as printed', async () => {
    const commands = stack.output.split('\n').flatMap((line) => /^ {2}(\S.+)$/.exec(line)?.[1] ?? []);
    assert.equal(commands.length, 3, stack.output);
    for (const command of commands) {
      await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', command], { cwd: root });
    }
  });

  it('finds the data of the first start at the second, and leaves no process behind in between', async () => {
    const { key } = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'kept' });
    const { pids, processes } = await processesOf(home);
    assert.ok(pids.length >= 8, `four services and four backends, got ${pids.length}`);
    await stopStack(home);
    assert.deepEqual(
      await Promise.all(processes.map(isAlive)),
      processes.map(() => false),
    );
    const again = await startStack(home);
    assert.equal(again.adminKey, stack.adminKey);
    const { status, body } = await call(again.gatewayUrl, key, 'GET', '/api/v1/auth/whoami');
    assert.equal(status, 200, JSON.stringify(body));
  });

  it('names the port that is in use and the variable that changes it', async () => {
    const blocker = createServer();
    await new Promise<void>((resolve) => blocker.listen(0, '127.0.0.1', resolve));
    const { port } = blocker.address() as { port: number };
    const other = await newHome();
    try {
      await assert.rejects(startStack(other, { GATEWAY_PORT: String(port) }), (error: Error) => {
        assert.match(error.message, new RegExp(`${port}.*GATEWAY_PORT|GATEWAY_PORT.*${port}`));
        assert.match(error.message, new RegExp(String(process.pid)), 'names the process that holds the port');
        return true;
      });
    } finally {
      blocker.close();
      await stopStack(other);
      await rm(other, { recursive: true });
    }
  });

  it('names all invalid settings at once', async () => {
    const other = await newHome();
    try {
      const settings = { GATEWAY_PORT: '99999', LOG_LEVEL: 'loud', MLFLOW_UPSTREAM_URL: 'not a url' };
      await assert.rejects(startStack(other, settings), (error: Error) => {
        for (const name of Object.keys(settings)) assert.match(error.message, new RegExp(name));
        return true;
      });
    } finally {
      await rm(other, { recursive: true });
    }
  });
});

async function processesOf(
  home: string,
): Promise<{ pids: number[]; processes: { pid: number; start: string }[] }> {
  const files = (await readdir(join(home, 'run'))).filter((name) => name.endsWith('.pid'));
  const pids = await Promise.all(
    files.map(async (file) => Number.parseInt(await readFile(join(home, 'run', file), 'utf8'), 10)),
  );
  const processes = await Promise.all(
    pids.map(async (pid) => ({ pid, start: (await startTimeOf(pid)) ?? '' })),
  );
  return { pids, processes };
}

/** False also if another process has the number by now. */
async function isAlive({ pid, start }: { pid: number; start: string }): Promise<boolean> {
  return (await startTimeOf(pid)) === start;
}

/** undefined also for a process that has ended and waits for its parent to notice (`Z`). */
async function startTimeOf(pid: number): Promise<string | undefined> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'stat=,lstart=', '-p', String(pid)]).catch(
    () => ({
      stdout: '',
    }),
  );
  const [, state, start] = /^(\S)\S*\s+(.+?)\s*$/.exec(stdout) ?? [];
  return state === 'Z' ? undefined : start;
}
