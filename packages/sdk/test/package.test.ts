/** The published package: packed, installed in an empty project, type-checked, and run on every Node that it is for. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, normalize } from 'node:path';
import { promisify } from 'node:util';
import { VERSION } from '../src/version.ts';
import { type FaultServer, startFaultServer } from './support/fault-server.ts';
import { nodeOf } from './support/nodes.ts';

const run = promisify(execFile);
const sdk = join(import.meta.dirname, '..');
const root = join(sdk, '../..');
const BUILD_TIMEOUT_MS = 180_000;

const PROGRAM = `
const seen = [];
async function track(createExperimentManager, NotFoundError) {
  const manager = createExperimentManager({ mockMode: true });
  const runId = await manager.withRun({ runName: 'packed' }, async (run) => {
    await run.logParam('p', 1);
    await run.logMetric('m', 0.5, { step: 2n ** 60n });
    await run.artifacts.upload('a/b.txt', 'text');
    return run.runId;
  });
  const { info, metrics } = await manager.runs.get(runId);
  seen.push(info.status, String(metrics.m.step), manager.isMock);
  await manager.runs.get('no such run').catch((error) => seen.push(error instanceof NotFoundError, error.code));
  await manager.close();
  const server = createExperimentManager({ maxRetries: 0 });
  await server.experiments.get('1').catch((error) => seen.push(error.name, error.status));
  // Node 20 warns, on stderr, of many listeners to a signal.
  const { signal } = new AbortController();
  await Promise.allSettled(Array.from({ length: 20 }, () => server.experiments.get('1', { signal })));
  await server.close();
  console.log(JSON.stringify(seen));
}
`;
const SEEN = ['FINISHED', '1152921504606846976', true, true, 'NOT_FOUND', 'RateLimitedError', 429];

const PROGRAMS = {
  'esm.mjs': `import { createExperimentManager, NotFoundError } from '@hokusai/ml-platform';${PROGRAM}
await track(createExperimentManager, NotFoundError);`,
  'commonjs.cjs': `const { createExperimentManager, NotFoundError } = require('@hokusai/ml-platform');${PROGRAM}
track(createExperimentManager, NotFoundError);`,
};

const TYPED = `
export async function train(options: ExperimentManagerConfig): Promise<string | null> {
  await using manager: ExperimentManager = createExperimentManager(options);
  try {
    return await manager.withRun({ runName: 'typed', tags: { stage: 'trial' } }, async (run) => {
      await run.logMetrics({ loss: 0.5 }, { step: 1n });
      for await (const record of manager.runs.search({ filter: 'metrics.loss < 1' })) return record.info.runId;
      return null;
    });
  } catch (error) {
    if (error instanceof MlPlatformError) return error.requestId;
    throw error;
  }
}
// @ts-expect-error There is no such setting.
createExperimentManager({ trackingURL: 'https://registry.example' });
`;
const NAMES =
  'createExperimentManager, type ExperimentManager, type ExperimentManagerConfig, MlPlatformError';

const STRICT = {
  target: 'es2022',
  lib: ['es2022', 'esnext.disposable'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noPropertyAccessFromIndexSignature: true,
  isolatedModules: true,
  skipLibCheck: false,
  noEmit: true,
};

const MODULES = {
  node16: { module: 'node16', moduleResolution: 'node16' },
  bundler: { module: 'esnext', moduleResolution: 'bundler' },
};

describe('the published package', () => {
  let folder: string;
  let project: string;
  let home: string;
  let server: FaultServer;

  before(async function () {
    this.timeout(BUILD_TIMEOUT_MS);
    server = await startFaultServer(() => ({ status: 429, body: '{}' }));
    folder = await mkdtemp(join(tmpdir(), 'hokusai-sdk-package-'));
    project = join(folder, 'project');
    await mkdir(project);
    await writeFile(join(project, 'package.json'), '{"private": true}');
    await run('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', await pack()], {
      cwd: project,
    });
    home = join(project, 'node_modules/@hokusai/ml-platform');
  });
  after(async () => {
    await server.close();
    await rm(folder, { recursive: true });
  });

  it('brings nothing along, and says its version to servers', async () => {
    const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
    assert.deepEqual(manifest.dependencies ?? {}, {});
    assert.equal(manifest.version, VERSION);
    const installed = await readdir(join(project, 'node_modules'));
    assert.deepEqual(
      installed.filter((name) => !name.startsWith('.')),
      ['@hokusai'],
    );
  });

  it('comes under the licence of the repository, and leads to nothing that it does not hold', async () => {
    const manifest = JSON.parse(await readFile(join(home, 'package.json'), 'utf8'));
    assert.equal(manifest.license, 'Apache-2.0');
    assert.equal(
      await readFile(join(home, 'LICENSE'), 'utf8'),
      await readFile(join(root, 'LICENSE'), 'utf8'),
    );
    assert.deepEqual(Object.keys(manifest.exports['.']), ['import', 'require']);
    for (const left of ['private', 'scripts', 'devDependencies']) assert.ok(!(left in manifest), left);
  });

  it('has pages whose links lead to each other', async () => {
    const files = await readdir(home, { recursive: true });
    const pages = files.filter((file) => file.endsWith('.md'));
    assert.ok(pages.includes('README.md') && pages.includes('docs/sdk/api.md'), `${pages}`);
    const broken: string[] = [];
    let links = 0;
    for (const page of pages)
      for (const [, target = ''] of (await readFile(join(home, page), 'utf8')).matchAll(/\]\(([^)\s#]+)/g)) {
        if (/^[a-z]+:/.test(target)) continue;
        links += 1;
        if (!files.includes(normalize(join(dirname(page), target)))) broken.push(`${page}: ${target}`);
      }
    assert.deepEqual(broken, []);
    assert.ok(links > 10, `${links}`);
  });

  it('holds both forms with their types and a README, and nothing to test or build it', async () => {
    const files = await readdir(home, { recursive: true });
    for (const form of ['esm', 'cjs'])
      for (const file of ['index.js', 'index.d.ts', 'model/run.d.ts'])
        assert(files.includes(`dist/${form}/${file}`), `${form}/${file}`);
    assert(files.includes('README.md'));
    const strange = files.filter(
      (file) => /test|tsconfig|^src|build/.test(file) || /(?<!\.d)\.ts$/.test(file),
    );
    assert.deepEqual(strange, []);
    const outside = await run('grep', ['-rlE', `(from |require\\(|import\\()['"]@hokusai/`, home]).catch(
      ({ stdout }) => ({ stdout }),
    );
    assert.equal(outside.stdout.replaceAll(/.*\.md\n/g, ''), '');
  });

  for (const [resolution, modules] of Object.entries(MODULES))
    for (const compiler of ['typescript', 'typescript-7'])
      it(`type-checks under strict settings with ${resolution} and ${compiler}`, async () => {
        const place = join(folder, `${resolution}-${compiler}`);
        await cp(project, place, { recursive: true });
        await link(place, '@types/node');
        await link(place, 'undici-types');
        const extensions = resolution === 'node16' ? ['mts', 'cts'] : ['ts'];
        const files = extensions.map((extension) => `program.${extension}`);
        for (const file of files)
          await writeFile(join(place, file), `import { ${NAMES} } from '@hokusai/ml-platform';\n${TYPED}`);
        const config = { compilerOptions: { ...STRICT, ...modules }, files };
        await writeFile(join(place, 'tsconfig.json'), JSON.stringify(config));
        const tsc = join(root, 'node_modules', compiler, 'bin/tsc');
        const { stdout } = await run(process.execPath, [tsc, '-p', place]).catch((error) => error);
        assert.equal(stdout, '');
      }).timeout(BUILD_TIMEOUT_MS);

  for (const major of [20, 22, 24] as const)
    for (const [file, text] of Object.entries(PROGRAMS))
      it(`runs on Node ${major}: ${file}`, async () => {
        await writeFile(join(project, file), text);
        const node = await nodeOf(major);
        const env = { PATH: process.env['PATH'], MLFLOW_TRACKING_URI: server.url, NODE_OPTIONS: '' };
        const { stdout, stderr } = await run(node, [file], { cwd: project, env });
        assert.deepEqual(JSON.parse(stdout), SEEN);
        assert.equal(stderr, '');
      }).timeout(BUILD_TIMEOUT_MS);

  /** Returns the archive. */
  async function pack(): Promise<string> {
    const args = ['run', 'pack', '--silent', '--', '--to', folder, 'packages/sdk'];
    const { stdout } = await run('npm', args, { cwd: root });
    return stdout.trim();
  }

  /** A package that the project has besides, as most TypeScript projects do. */
  async function link(place: string, name: string): Promise<void> {
    await mkdir(join(place, 'node_modules/@types'), { recursive: true });
    await symlink(join(root, 'node_modules', name), join(place, 'node_modules', name));
  }
});
