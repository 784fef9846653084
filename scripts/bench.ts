/**
 * Runs a measurement of `bench/`, each a folder with a run.ts:
 *
 *     npm run bench -- keys              prints a table, writes bench/results/keys.json
 *     npm run bench -- keys --quick      a smaller one
 *
 *     npm run bench -- keys --help       what it measures, and its options
 *
 * What else follows the name goes to the measurement. Exits 1 if a target is missed, 2 for an unknown name.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const folder = join(import.meta.dirname, '../bench');
const names = globSync('*/run.ts', { cwd: folder }).map(dirname).sort();

const [name = '', ...args] = process.argv.slice(2);
if (names.includes(name) && args.some((arg) => arg === '--help' || arg === '-h')) explain(name);
else if (names.includes(name)) process.exitCode = await run(name, args);
else {
  console.error(`${name === '' ? 'Which measurement?' : `There is no measurement ${name}.`} One of:`);
  console.error(names.map((known) => `    npm run bench -- ${known}`).join('\n'));
  process.exitCode = 2;
}

/** What its script begins with. */
function explain(name: string): void {
  const source = readFileSync(join(folder, name, 'run.ts'), 'utf8');
  const [, comment = ''] = /^\/\*\*([\s\S]*?)\*\//.exec(source) ?? [];
  console.log(comment.replaceAll(/^ \* ?/gm, '').trim());
}

async function run(name: string, args: readonly string[]): Promise<number> {
  const script = join(folder, name, 'run.ts');
  const child = spawn(process.execPath, [...process.execArgv, script, ...args], { stdio: 'inherit' });
  // A Ctrl-C reaches the child by itself; it cleans up, and this waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
