import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSuite, type SuiteOptions, type SuiteResult } from './run-suite.ts';

describe('runSuite', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hokusai-suite-'));
  });
  after(() => rm(folder, { recursive: true }));

  async function run(spec: string, options: Partial<SuiteOptions> = {}): Promise<SuiteResult> {
    const file = join(folder, 'planted.test.mjs');
    await writeFile(file, spec);
    return await runSuite({
      files: [file],
      timeoutMs: 5000,
      limitMs: 15000,
      leakGraceMs: 100,
      leftoverGraceMs: 100,
      isStrict: true,
      output: 'ignore',
      cwd: folder,
      ...options,
    });
  }

  const counts = ({ passed, failed, skipped }: SuiteResult) => ({ passed, failed, skipped });

  it('counts what passes and what fails', async () => {
    const result = await run(`
      it('passes', () => {});
      it('fails', () => { throw new Error('planted'); });
      it('fails later', async () => { await null; throw new Error('planted'); });`);
    assert.deepEqual(counts(result), { passed: 1, failed: 2, skipped: 0 });
    assert.deepEqual(result.problems, []);
  });

  it('names what fails, and why', async () => {
    const { failures } = await run(`
      describe('a part', () => {
        before(() => { throw new Error('planted'); });
        it('never runs', () => {});
      });
      it('throws what is no error', () => { throw { planted: true }; });`);
    const [inTest = '', inHook = ''] = failures;
    assert.match(
      inTest,
      /^planted\.test\.mjs: throws what is no error\n {4}Error: the object \{\n {4} +"planted"/,
    );
    assert.match(
      inHook,
      /^planted\.test\.mjs: a part "before all" hook for "never runs"\n {4}Error: planted\n {4} +at /,
    );
    assert.equal(failures.length, 2);
  });

  it('counts a failed hook', async () => {
    const result = await run(`before(() => { throw new Error('planted'); }); it('never runs', () => {});`);
    assert.deepEqual(counts(result), { passed: 0, failed: 1, skipped: 0 });
  });

  it('runs only the tests whose title was asked for', async () => {
    const result = await run(`it('this one', () => {}); it('that one', () => {});`, { title: 'this' });
    assert.deepEqual(counts(result), { passed: 1, failed: 0, skipped: 0 });
  });

  it('fails on a skipped test in CI, and names it', async () => {
    const spec = `describe('with Postgres', () => { it('stores', function () { this.skip(); }); });`;
    const strict = await run(spec);
    assert.deepEqual(strict, {
      passed: 0,
      failed: 1,
      skipped: 1,
      failures: [],
      problems: ['skipped in CI: with Postgres stores'],
    });
    const lenient = await run(spec, { isStrict: false });
    assert.deepEqual(lenient, { passed: 0, failed: 0, skipped: 1, failures: [], problems: [] });
  });

  it('fails on .only in CI', async () => {
    const { failed, problems } = await run(`it.only('alone', () => {}); it('left out', () => {});`);
    assert.equal(failed, 1);
    assert.match(problems[0] ?? '', /ended before its last test/);
  });

  it('fails when a handle is left open, instead of waiting for it', async () => {
    const { passed, failed, problems } = await run(`it('leaks', () => { setInterval(() => {}, 1000); });`);
    assert.deepEqual({ passed, failed }, { passed: 1, failed: 1 });
    assert.match(problems[0] ?? '', /left open/);
  });

  it('fails when a process is left behind, and ends it', async () => {
    const { failed, problems } = await run(`
      import { spawn } from 'node:child_process';
      it('starts a daemon', () => {
        spawn('sleep', ['60'], { detached: true, stdio: 'ignore' }).unref();
      });`);
    assert.equal(failed, 1);
    const [, pid] = /^left running:\n {2}(\d+) sleep 60$/.exec(problems[0] ?? '') ?? [];
    // Empty for one that has ended but that nobody has asked about yet.
    assert.equal(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''), '');
  });

  it('fails when the process ends before the tests do', async () => {
    const result = await run(`it('ends', () => process.exit(0)); it('never runs', () => {});`);
    assert.deepEqual(result.problems, ['ended before its last test (exit code 0)']);
    assert.equal(result.failed, 1);
  });

  it('fails when a file cannot be loaded', async () => {
    const { failed, problems } = await run(`import './missing.mjs'; it('never runs', () => {});`);
    assert.equal(failed, 1);
    assert.match(problems[0] ?? '', /ended before its last test \(exit code 1\)/);
  });

  it('fails when something is thrown after the last test', async () => {
    const { failed } = await run(
      `it('passes', () => { setTimeout(() => { throw new Error('late'); }, 50); });`,
    );
    assert.equal(failed, 1);
  });

  it('ends a suite at its limit', async () => {
    const { failed, problems } = await run(`it('hangs', () => { for (;;); });`, { limitMs: 1000 });
    assert.equal(failed, 1);
    assert.match(problems[0] ?? '', /ended from outside/);
  });
});
