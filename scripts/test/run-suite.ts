import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { endLeftovers, findLeftovers, RUN_MARKER } from './leftovers.ts';
import { LEAK_EXIT_CODE, type SuiteReport, type SuiteRequest } from './protocol.ts';

export interface SuiteOptions extends SuiteRequest {
  cwd: string;
  /** What still runs then is ended. */
  limitMs: number;
  /** How long processes that the tests started may take to end after them. */
  leftoverGraceMs: number;
  /** Where what mocha prints goes: here, nowhere, or into an open file. */
  output: 'inherit' | 'ignore' | number;
  /** Ends the run early. */
  signal?: AbortSignal;
}

export interface SuiteResult {
  passed: number;
  failed: number;
  skipped: number;
  /** Which tests and hooks failed, and why. */
  failures: readonly string[];
  /** Why the suite failed beside its tests; each is counted in `failed`. */
  problems: readonly string[];
}

/**
 * Runs test files in a child process and finds what the tests can't show themselves: an end before the end,
 * handles left open, processes left behind, and, where `isStrict`, skipped tests: with every backend there,
 * nothing has a reason to be skipped.
 */
export async function runSuite(options: SuiteOptions): Promise<SuiteResult> {
  const runId = randomUUID();
  const { report, exitCode, wasEnded } = await runChild(options, runId);
  const problems = [
    ...exitProblems(report, exitCode, wasEnded, options.limitMs),
    ...(options.isStrict ? (report?.skipped ?? []).map((title) => `skipped in CI: ${title}`) : []),
    ...(await leftoverProblems(runId, options.leftoverGraceMs)),
  ];
  return {
    passed: report?.passed ?? 0,
    failed: (report?.failures.length ?? 0) + problems.length,
    skipped: report?.skipped.length ?? 0,
    failures: report?.failures ?? [],
    problems,
  };
}

interface ChildEnd {
  report: SuiteReport | undefined;
  exitCode: number | null;
  wasEnded: boolean;
}

async function runChild(options: SuiteOptions, runId: string): Promise<ChildEnd> {
  const { files, title, timeoutMs, leakGraceMs, isStrict } = options;
  const request: SuiteRequest = {
    files,
    timeoutMs,
    leakGraceMs,
    isStrict,
    ...(title === undefined ? {} : { title }),
  };
  const child = fork(join(import.meta.dirname, 'suite.ts'), [JSON.stringify(request)], {
    cwd: options.cwd,
    // Else mocha colours its marks in CI, also in a file.
    env: { ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }), ...process.env, [RUN_MARKER]: runId },
    stdio: ['ignore', options.output, options.output, 'ipc'],
  });
  let report: SuiteReport | undefined;
  child.once('message', (message) => {
    report = message as SuiteReport;
  });
  let wasEnded = false;
  const end = () => {
    wasEnded = true;
    child.kill('SIGKILL');
  };
  const timer = setTimeout(end, options.limitMs);
  options.signal?.addEventListener('abort', end, { once: true });
  const [exitCode] = (await once(child, 'exit')) as [number | null];
  clearTimeout(timer);
  options.signal?.removeEventListener('abort', end);
  return { report, exitCode, wasEnded };
}

function exitProblems(
  report: SuiteReport | undefined,
  exitCode: number | null,
  wasEnded: boolean,
  limitMs: number,
): string[] {
  if (wasEnded) return [`ended from outside, at the latest after ${limitMs / 1000} s`];
  if (exitCode === LEAK_EXIT_CODE) return ['something was left open after the last test: it is listed above'];
  if (report === undefined) return [`ended before its last test (exit code ${exitCode})`];
  if (exitCode !== (report.failures.length > 0 ? 1 : 0))
    return [`ended with exit code ${exitCode} after its last test`];
  return [];
}

async function leftoverProblems(runId: string, graceMs: number): Promise<string[]> {
  const leftovers = await findLeftovers(runId, graceMs);
  if (leftovers.length > 0) await endLeftovers(runId);
  const lines = leftovers.map(({ pid, command }) => `\n  ${pid} ${command}`);
  return lines.length === 0 ? [] : [`left running:${lines.join('')}`];
}
