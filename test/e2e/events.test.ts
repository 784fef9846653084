/** Key and audit events of the running stack, as programs outside follow them by their READMEs. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { eventually, pythonEnvironment } from '@hokusai/testing';
import { createKey, revokeKey } from './support/rest.ts';
import { type Stack, sharedStack } from './support/stack.ts';

const root = join(import.meta.dirname, '../..');
const examples = 'docs/examples/events';

describe('events, on the running stack,', function () {
  this.timeout(180_000);
  let stack: Stack;
  let python: string;
  let program: ChildProcess | undefined;

  before(async function () {
    this.timeout(300_000);
    stack = await sharedStack();
    python = await pythonEnvironment(`${examples}/python/requirements.lock.txt`);
  });

  afterEach(async () => {
    if (program?.exitCode === null) {
      program.kill('SIGTERM');
      await once(program, 'close');
    }
  });

  /** Runs what the README says to type, in the folder of the checkout; resolves with the lines that grow. */
  function follow(language: string): string[] {
    const readme = readFileSync(join(root, examples, language, 'README.md'), 'utf8');
    const [, commands = ''] = /^```sh\n([\s\S]*?)^```$/m.exec(readme) ?? [];
    const typed = commands
      .split('\n')
      // Another environment with the same packages is there already.
      .filter((line) => !/ -m venv |pip install/.test(line))
      .join('\n')
      // The stack of the tests has another home.
      .replaceAll('.hokusai/', `${stack.home}/`)
      .replace('/tmp/follow/bin/python', python);
    assert.match(typed, /^set -a; .*\n\S+ (?:scripts\/run\.js )?docs\/.* --position .*\n$/);
    // `exec`, so that a signal reaches the program.
    const script = typed
      .replace(/^(?=\S+ (?:scripts\/run\.js )?docs\/)/m, 'exec ')
      .replace('.json', `.${language}.json`);
    program = spawn('bash', ['-ec', script], {
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

  for (const language of ['typescript', 'python'])
    it(`are followed in ${language} as the README says, going on where it stopped`, async () => {
      const before = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'followed' });
      const lines = follow(language);
      const created = ['audit.v1.keys.key.created', 'keys.v1.events.created'];
      await eventually(() => assert.deepEqual(typesAbout(lines, before.id).toSorted(), created));

      const after = await createKey(stack.gatewayUrl, stack.adminKey, { name: 'followed too' });
      await eventually(() => assert.deepEqual(typesAbout(lines, after.id).toSorted(), created));
      program?.kill('SIGTERM');
      assert.deepEqual(await once(program as ChildProcess, 'close'), [0, null]);

      await revokeKey(stack.gatewayUrl, stack.adminKey, before.id);
      const more = follow(language);
      const revoked = ['audit.v1.keys.key.revoked', 'keys.v1.events.revoked'];
      await eventually(() => assert.deepEqual(typesAbout(more, before.id).toSorted(), revoked));
      assert.deepEqual(typesAbout(more, after.id), []);
      assert.ok(![...lines, ...more].some((line) => line.includes(before.key)), 'no secret is in an event');
    });
});
