/**
 * Runs test files with mocha in a process of their own, sends the counts to the parent, and ends by itself
 * when nothing is left open. What keeps it alive is listed, and it exits with LEAK_EXIT_CODE.
 * Its argument is a SuiteRequest in JSON.
 */
import { relative } from 'node:path';
import Mocha, { type Runnable } from 'mocha';
import { openHandles } from './open-handles.ts';
import { LEAK_EXIT_CODE, type SuiteReport, type SuiteRequest } from './protocol.ts';

/** Of an error, in the summary; mocha's own report has it whole. */
const FAILURE_LINES = 30;
const request: SuiteRequest = JSON.parse(process.argv[2] ?? '');
const mocha = new Mocha({
  reporter: 'spec',
  timeout: request.timeoutMs,
  slow: request.timeoutMs / 10,
  forbidOnly: request.isStrict,
  ...(request.title === undefined ? {} : { fgrep: request.title }),
});
for (const file of request.files) mocha.addFile(file);
await mocha.loadFilesAsync();

const skipped: string[] = [];
const failures: string[] = [];
const runner = mocha.run(() => report());
runner.on('pending', (test) => skipped.push(test.fullTitle()));
runner.on('fail', (test, error) => failures.push(describeFailure(test, error)));

function report(): void {
  process.exitCode = failures.length > 0 ? 1 : 0;
  const message: SuiteReport = { passed: runner.stats?.passes ?? 0, failures, skipped };
  process.send?.(message, () => process.disconnect());
  watchForLeaks();
}

function describeFailure(test: Runnable, error: Error): string {
  const lines = (error.stack ?? error.message).split('\n').slice(0, FAILURE_LINES);
  const file = test.file === undefined ? '' : `${relative('', test.file)}: `;
  return [`${file}${test.fullTitle()}`, ...lines.map((line) => `    ${line}`)].join('\n');
}

/** The timer does not keep the process alive itself: it fires only if something else does. */
function watchForLeaks(): void {
  setTimeout(() => {
    console.error(`\nThe tests are over, but this is still open:\n  ${openHandles().join('\n  ')}`);
    process.exit(LEAK_EXIT_CODE);
  }, request.leakGraceMs).unref();
}
