/**
 * Runs test files with mocha in a process of their own, sends the counts to the parent, and ends by itself
 * when nothing is left open. What keeps it alive is listed, and it exits with LEAK_EXIT_CODE.
 * Its argument is a SuiteRequest in JSON.
 */
import Mocha from 'mocha';
import { openHandles } from './open-handles.ts';
import { LEAK_EXIT_CODE, type SuiteReport, type SuiteRequest } from './protocol.ts';

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
const runner = mocha.run(() => report());
runner.on('pending', (test) => skipped.push(test.fullTitle()));

function report(): void {
  const { passes = 0, failures = 0 } = runner.stats ?? {};
  process.exitCode = failures > 0 ? 1 : 0;
  const message: SuiteReport = { passed: passes, failed: failures, skipped };
  process.send?.(message, () => process.disconnect());
  watchForLeaks();
}

/** The timer does not keep the process alive itself: it fires only if something else does. */
function watchForLeaks(): void {
  setTimeout(() => {
    console.error(`\nThe tests are over, but this is still open:\n  ${openHandles().join('\n  ')}`);
    process.exit(LEAK_EXIT_CODE);
  }, request.leakGraceMs).unref();
}
