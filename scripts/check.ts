/**
 * Checks the tree without running it.
 *
 *     npm run check                    everything
 *     npm run check -- types style     only these
 *
 * Prints a table, then what each failed check printed; the last line is `N passed, N failed, 0 skipped`.
 */
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { CHECKS, type Check } from './check/list.ts';
import { type Captured, captureNode } from './lib/capture.ts';

const CONCURRENCY = 2;
const root = join(import.meta.dirname, '..');

interface Result extends Captured {
  check: Check;
}

const selected = select(process.argv.slice(2));
const results = await runAll(selected);
const failed = results.filter((result) => result.exitCode !== 0);
for (const { check, output, exitCode } of failed) {
  console.log(`\n── ${check.name} (exit code ${exitCode}) ──\n${output}`);
}
console.log(`\n${results.length - failed.length} passed, ${failed.length} failed, 0 skipped`);
process.exitCode = failed.length === 0 ? 0 : 1;

function select(names: readonly string[]): readonly Check[] {
  const unknown = names.filter((name) => !CHECKS.some((check) => check.name === name));
  if (unknown.length > 0) {
    console.error(`No check is named ${unknown.join(', ')}: ${CHECKS.map((check) => check.name).join(', ')}`);
    process.exit(2);
  }
  return names.length === 0 ? CHECKS : CHECKS.filter((check) => names.includes(check.name));
}

async function runAll(checks: readonly Check[]): Promise<Result[]> {
  const waiting = [...checks];
  const results: Result[] = [];
  const worker = async () => {
    for (let check = waiting.shift(); check; check = waiting.shift()) {
      const result = { check, ...(await captureNode(check.args, { cwd: root, env: environment() })) };
      results.push(result);
      console.log(tableRow(result));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  return results;
}

function environment(): NodeJS.ProcessEnv {
  return process.stdout.isTTY ? { ...process.env, FORCE_COLOR: '1' } : process.env;
}

function tableRow({ check, exitCode, elapsedMs, output }: Result): string {
  const verdict = exitCode === 0 ? 'ok' : 'FAILED';
  const seconds = `${(elapsedMs / 1000).toFixed(1)} s`;
  const note = check.hasNote && exitCode === 0 ? lastLine(output) : '';
  return `${check.name.padEnd(16)}${verdict.padEnd(8)}${seconds.padStart(7)}   ${note}`.trimEnd();
}

function lastLine(output: string): string {
  return stripVTControlCharacters(output).split('\n').at(-1) ?? '';
}
