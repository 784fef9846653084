/**
 * Runs the tests, part after part, since they share the machine's servers.
 *
 *     npm test                                       unit, integration and end-to-end tests
 *     npm test -- integration                        one part
 *     npm test -- unit packages/key-format           files whose path contains this
 *     npm test -- integration refuses a revoked key  tests whose title contains this
 *
 * Backends come from packages/testing. With CI=true a missing backend, and any skipped test, is a failure.
 * The last line is `N passed, N failed, N skipped`, over everything.
 */
import { join } from 'node:path';
import { findFiles, type Part, parseSelection } from './test/parts.ts';
import { runSuite, type SuiteResult } from './test/run-suite.ts';

const LEAK_GRACE_MS = 5000;
const LEFTOVER_GRACE_MS = 60_000;
const root = join(import.meta.dirname, '..');
const isStrict = /^(1|true)$/i.test(process.env.CI ?? '');
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interruption.abort());
}

const selection = parseSelection(process.argv.slice(2));
const isWhole = selection.paths.length === 0 && selection.title === undefined;
const results: SuiteResult[] = [];
for (const part of selection.parts) {
  if (!interruption.signal.aborted) results.push(await runPart(part));
}
const total = (kind: 'passed' | 'failed' | 'skipped') =>
  results.reduce((sum, result) => sum + result[kind], 0);
const isEmpty = total('passed') + total('failed') === 0;
if (isEmpty) console.error('No test ran: nothing matches.');
for (const problem of results.flatMap((result) => result.problems)) console.error(problem);
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exitCode = total('failed') > 0 || isEmpty || interruption.signal.aborted ? 1 : 0;

async function runPart(part: Part): Promise<SuiteResult> {
  const files = await findFiles(part, selection.paths, root);
  if (files.length === 0) return withoutFiles(part);
  console.log(`\n── ${part.name}: ${files.length} files ──`);
  const result = await runSuite({
    files,
    ...(selection.title === undefined ? {} : { title: selection.title }),
    timeoutMs: part.timeoutMs,
    limitMs: part.limitMs,
    leakGraceMs: LEAK_GRACE_MS,
    leftoverGraceMs: LEFTOVER_GRACE_MS,
    isStrict,
    isVerbose: true,
    cwd: root,
    signal: interruption.signal,
  });
  return { ...result, problems: result.problems.map((problem) => `${part.name}: ${problem}`) };
}

/** A part without tests is a mistake in its patterns, unless only some files were asked for. */
function withoutFiles(part: Part): SuiteResult {
  const problems = isWhole ? [`${part.name}: no test file matches ${part.patterns.join(', ')}`] : [];
  return { passed: 0, failed: problems.length, skipped: 0, problems };
}
