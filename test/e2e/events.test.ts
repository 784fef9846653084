/** Key and audit events of the running stack, as a program outside follows them by its README. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually } from '@hokusai/testing';
import { createKey, revokeKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const root = join(import.meta.dirname, '../..');
const readme = 'docs/examples/events/typescript/README.md';

describe('events, on the running stack,', function () {
  this.timeout(180_000);
  let stack: Stack;
  let program: ChildProcess | undefined;

  before(async function () {
    this.timeout(300_000);
    stack = await sharedStack();
  });

  afterEach(async () => {
    if (program?.exitCode === null) {
      program.kill('SIGTERM');
      await once(program, 'close');
    }
  });

  /** Runs what the README says to type, in the folder of the checkout; resolves with the lines that grow. */
  function follow(): string[] {
    const [commands] = /(?:^ {4}\S.*\n)+/m.exec(readFileSync(join(root, readme), 'utf8')) ?? [];
    assert.match(commands ?? '', /follow\.ts --position \.hokusai\//);
    // The stack of the tests has another home; `exec`, so that the signal reaches the program.
    const script = commands?.replaceAll('.hokusai/', `${stack.home}/`).replace('node docs', 'exec node docs');
    program = spawn('bash', ['-ec', script ?? ''], {
      cwd: root,
      env: { PATH: `${join(process.execPath, '..')}:${process.env['PATH']}` },
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const lines: string[] = [];
    if (program.stdout) createInterface(program.stdout).on('line', (line) => lines.push(line));
    return lines;
  }

  const typesAbout = (lines: readonly string[], id: string) =>
    lines.filter((line) => line.includes(id)).map((line) => line.split(' ')[1]);

  it('are followed by the program of the README, which goes on where it stopped', async () => {
    const before = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'followed' });
    const lines = follow();
    const created = ['audit.v1.keys.key.created', 'keys.v1.events.created'];
    await eventually(() => assert.deepEqual(typesAbout(lines, before.id).toSorted(), created));

    const after = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'followed too' });
    await eventually(() => assert.deepEqual(typesAbout(lines, after.id).toSorted(), created));
    program?.kill('SIGTERM');
    assert.deepEqual(await once(program as ChildProcess, 'close'), [0, null]);

    await revokeKey(stack.gatewayUrl, stack.adminKey, before.id);
    const more = follow();
    const revoked = ['audit.v1.keys.key.revoked', 'keys.v1.events.revoked'];
    await eventually(() => assert.deepEqual(typesAbout(more, before.id).toSorted(), revoked));
    assert.deepEqual(typesAbout(more, after.id), []);
    assert.ok(![...lines, ...more].some((line) => line.includes(before.key)), 'no secret is in an event');
  });
});
