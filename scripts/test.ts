/**
 * Runs the tests, part after part, so that the quickest answer comes first. What has many servers to wait for runs in
 * two processes side by side.
 *
 *     npm test                                       unit, integration and end-to-end tests
 *     npm test -- integration                        one part
 *     npm test -- unit packages/key-format           files whose path contains this
 *     npm test -- integration refuses a revoked key  tests whose title contains this
 *
 * Backends come from packages/testing. With CI=true a missing backend, and any skipped test, is a failure.
 * The last line is `N passed, N failed, N skipped`, over everything.
 */
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { findFiles, groupsOf, lanesOf, type Part, parseSelection } from './test/parts.ts';
import { runSuite, type SuiteOptions, type SuiteResult } from './test/run-suite.ts';

const LEAK_GRACE_MS = 5000;
const LEFTOVER_GRACE_MS = 60_000;
const root = join(import.meta.dirname, '..');
// The tests start some hundreds of our processes, whose start is mostly to compile what has not changed.
process.env['NODE_COMPILE_CACHE'] ||= join(root, 'node_modules', '.cache', 'compile');
const isStrict = /^(1|true)$/i.test(process.env.CI ?? '');
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.once(signal, () => interruption.abort());
}

const selection = parseSelection(process.argv.slice(2));
const isWhole = selection.paths.length === 0 && selection.title === undefined;
const results: SuiteResult[] = [];
for (const parts of groupsOf(selection.parts, availableParallelism())) {
  if (!interruption.signal.aborted) results.push(...(await runGroup(parts)));
}
const total = (kind: 'passed' | 'failed' | 'skipped') =>
  results.reduce((sum, result) => sum + result[kind], 0);
const isEmpty = total('passed') + total('failed') === 0;
if (isEmpty) console.error('No test ran: nothing matches.');
// Once more at the end, since thousands of lines may have been printed since.
const reasons = results.flatMap(({ failures, problems }) => [...failures, ...problems]);
if (reasons.length > 0) console.error(`\n── what failed ──\n\n${reasons.join('\n\n')}`);
console.log(`\n${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`);
process.exitCode = total('failed') > 0 || isEmpty || interruption.signal.aborted ? 1 : 0;

async function runGroup(parts: readonly Part[]): Promise<SuiteResult[]> {
  const found = await Promise.all(
    parts.map(async (part) => ({ part, files: await findFiles(part, selection.paths, root) })),
  );
  const results = found.filter(({ files }) => files.length === 0).map(({ part }) => withoutFiles(part));
  const lanes = found.flatMap(({ part, files }) =>
    files.length === 0
      ? []
      : lanesOf(part, files, availableParallelism()).map((lane) => ({ part, files: lane })),
  );
  const [first, ...others] = lanes;
  if (!first) return results;
  const counts = found.map(({ part, files }) => `${part.name}: ${files.length} files`);
  console.log(`\n── ${counts.join(', ')} ──`);
  const beside = others.map(({ part, files }) => runAside(part, files));
  results.push(await runLane(first.part, first.files, 'inherit'));
  for (const { result, show } of beside) {
    results.push(await result);
    show();
  }
  return results;
}

/** What it prints is kept until it can be shown: two at a time could not be told apart. */
function runAside(part: Part, files: readonly string[]): { result: Promise<SuiteResult>; show: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'hokusai-lane-'));
  const path = join(folder, 'output');
  const file = openSync(path, 'a');
  return {
    result: runLane(part, files, file),
    show: () => {
      closeSync(file);
      process.stdout.write(readFileSync(path));
      rmSync(folder, { recursive: true });
    },
  };
}

async function runLane(
  part: Part,
  files: readonly string[],
  output: SuiteOptions['output'],
): Promise<SuiteResult> {
  const result = await runSuite({
    files,
    ...(selection.title === undefined ? {} : { title: selection.title }),
    timeoutMs: part.timeoutMs,
    limitMs: part.limitMs,
    leakGraceMs: LEAK_GRACE_MS,
    leftoverGraceMs: LEFTOVER_GRACE_MS,
    isStrict,
    output,
    cwd: root,
    signal: interruption.signal,
  });
  const named = (reasons: readonly string[]) => reasons.map((reason) => `${part.name}: ${reason}`);
  return { ...result, failures: named(result.failures), problems: named(result.problems) };
}

/** A part without tests is a mistake in its patterns, unless only some files were asked for. */
function withoutFiles(part: Part): SuiteResult {
  const problems = isWhole ? [`${part.name}: no test file matches ${part.patterns.join(', ')}`] : [];
  return { passed: 0, failed: problems.length, skipped: 0, failures: [], problems };
}
