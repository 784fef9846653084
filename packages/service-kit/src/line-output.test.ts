import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const MODULE = JSON.stringify(join(import.meta.dirname, 'line-output.ts'));

/** Runs a script in a process of its own, whose standard output is what this is about. */
function run(script: string) {
  const source = `import { openLineOutput } from ${MODULE}; const output = openLineOutput(); ${script}`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source];
  return spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function outputOf(child: ReturnType<typeof run>): Promise<string> {
  return (await child.stdout.toArray()).join('');
}

describe('openLineOutput', function () {
  this.timeout(20_000);

  it('writes what it has gathered when the process exits, in order', async () => {
    const script = `
      for (let line = 0; line < 1000; line++) {
        output.write(\`line \${line}\\n\`);
        if (line % 100 === 0) output.prompt.write(\`seen at \${line}\\n\`);
      }
      process.exit(0);`;
    const lines = (await outputOf(run(script))).trimEnd().split('\n');
    const expected = Array.from({ length: 1000 }, (_, line) =>
      line % 100 === 0 ? [`line ${line}`, `seen at ${line}`] : [`line ${line}`],
    ).flat();
    assert.deepEqual(lines, expected);
  });

  it('writes a single line before long, though there is room for more', async () => {
    const child = run("output.write('one\\n'); process.stdin.resume(); setTimeout(() => {}, 15_000);");
    const [chunk] = (await once(child.stdout, 'data')) as [Buffer];
    assert.equal(chunk.toString(), 'one\n');
    child.kill('SIGKILL');
    await once(child, 'exit');
  });

  it('keeps lines whole where several processes write to one pipe', async () => {
    const source = `
      import { openLineOutput } from ${MODULE};
      const output = openLineOutput(1, true);
      const write = (rest) => {
        for (let count = 0; count < 20; count++) output.write('x'.repeat(700) + '\\n');
        if (rest > 0) setImmediate(write, rest - 1);
      };
      write(200);`;
    const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source];
    // `cat`, since what Node calls a pipe is a socket.
    const twice = ['-c', '("$0" "$@" & "$0" "$@"; wait) | cat', process.execPath, ...args];
    const both = spawn('sh', twice, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    for await (const chunk of both.stdout) {
      text += chunk;
      // Slower than they write, so that the pipe is full at times.
      await delay(10);
    }
    const lines = text.trimEnd().split('\n');
    assert.equal(lines.length, 2 * 201 * 20);
    assert.deepEqual([...new Set(lines.map(({ length }) => length))], [700]);
  });

  it('does not wait for a reader that stands still, and counts what it drops', async () => {
    const script = `
      const line = 'x'.repeat(1023) + '\\n';
      for (let count = 0; count < 40 * 1024; count++) output.write(line);
      process.send(output.dropped, () => process.kill(process.pid, 'SIGKILL'));`;
    const source = `import { openLineOutput } from ${MODULE}; const output = openLineOutput(); ${script}`;
    const child = spawn(
      process.execPath,
      ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source],
      { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] },
    );
    const [dropped] = (await once(child, 'message')) as [number];
    assert.ok(dropped > 20 * 1024 && dropped < 30 * 1024, `dropped ${dropped} of 40960`);
    await once(child, 'exit');
  });
});
