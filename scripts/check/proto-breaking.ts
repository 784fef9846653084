/**
 * Compares protos/ with the newest release (tag v*), else with the last commit: what breaks a client that
 * was built from those fails here. An intended break goes into a new package version (v2), or, as long as
 * nothing is released, into a commit of its own.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { captureNode } from '../lib/capture.ts';

const root = join(import.meta.dirname, '..', '..');
const run = promisify(execFile);

const revision = (await git('describe', '--tags', '--match', 'v*', '--abbrev=0')) ?? 'HEAD';
const name = revision === 'HEAD' ? 'the last commit' : revision;
if ((await git('ls-tree', '--name-only', revision, 'protos/hokusai/')) === undefined) {
  console.log(`skipped: ${name} holds no protos`);
} else {
  await compareWith(revision);
}

/** What git prints; undefined if it prints nothing or fails. */
async function git(...args: string[]): Promise<string | undefined> {
  const { stdout } = await run('git', args, { cwd: root }).catch(() => ({ stdout: '' }));
  return stdout.trim() || undefined;
}

async function compareWith(revision: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'hokusai-protos-'));
  try {
    const archive = join(folder, 'protos.tar');
    await run('git', ['archive', '--output', archive, revision, 'protos'], { cwd: root });
    const buf = 'node_modules/@bufbuild/buf/bin/buf';
    const args = [buf, 'breaking', '--against', `${archive}#subdir=protos`];
    const { exitCode, output } = await captureNode(args, { cwd: root });
    console.log(output || `compared with ${name}`);
    process.exitCode = exitCode ?? 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}
