/**
 * Generates the gRPC types in packages/contracts/src/gen from protos/.
 *
 *     npm run generate               writes them
 *     npm run generate -- --check    writes nothing; exits 1 and names the files that are not up to date
 *
 * The output is committed, so that a clone type-checks before anything has run.
 */
import { execFile } from 'node:child_process';
import { cp, glob, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '..');
const target = join(root, 'packages/contracts/src/gen');
const generator = join(root, 'node_modules/@grpc/proto-loader/build/bin/proto-loader-gen-types.js');

// These must agree with the options that contracts loads the protos with at run time.
const shape = ['--longs=String', '--enums=String', '--defaults', '--oneofs'];
const form = ['--grpcLib=@grpc/grpc-js', '--importFileExtension=.ts', '--includeComments'];

const check = process.argv.includes('--check');
const fresh = await mkdtemp(join(tmpdir(), 'hokusai-gen-'));
try {
  await generate(fresh);
  const stale = await differences(fresh, target);
  if (check) reportStale(stale);
  else if (stale.length > 0) await replace(fresh, target);
} finally {
  await rm(fresh, { recursive: true });
}

async function generate(outDir: string): Promise<void> {
  const protos = await filesIn(join(root, 'protos'), '**/*.proto');
  const args = [generator, ...shape, ...form, '--includeDirs=protos', '-O', outDir, ...protos];
  await promisify(execFile)(process.execPath, args, { cwd: root }).catch((error: { stderr: string }) => {
    throw new Error(`protos/ can't be compiled:\n${error.stderr}`);
  });
  // The index that it writes beside the packages for each proto file: contracts names the services itself.
  for (const index of await filesIn(outDir, '*.ts')) await rm(join(outDir, index));
}

/** Paths whose content differs between the two folders, or that only one of them has. */
async function differences(a: string, b: string): Promise<string[]> {
  const paths = new Set([...(await filesIn(a, '**/*.ts')), ...(await filesIn(b, '**/*.ts'))]);
  const same = await Promise.all(
    [...paths].map(async (path) => (await textOf(join(a, path))) === (await textOf(join(b, path)))),
  );
  return [...paths].filter((_, i) => !same[i]);
}

async function filesIn(folder: string, pattern: string): Promise<string[]> {
  return (await Array.fromAsync(glob(pattern, { cwd: folder }))).sort();
}

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch(() => undefined);
}

async function replace(from: string, to: string): Promise<void> {
  await rm(to, { recursive: true, force: true });
  await cp(from, to, { recursive: true });
}

function reportStale(stale: string[]): void {
  if (stale.length === 0) return;
  console.error('These generated files do not match protos/; run `npm run generate` and commit the result:');
  for (const path of stale) console.error(`  packages/contracts/src/gen/${path}`);
  process.exitCode = 1;
}
