/**
 * The end-to-end tests on the system in containers: builds the images, brings compose.yaml up beside whatever runs
 * already, runs the tests, and takes it down with its data.
 *
 *     node scripts/run.js scripts/containers/e2e.ts [--if-possible] [--no-build] [file…]
 *
 * With `--if-possible` a machine without Docker, or without the images, is told and is no failure; with
 * `--no-build` the images of the services are those that are there.
 * Where no registry answers, `base-images.ts` makes what the images are built from first.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import {
  containerPlan,
  createToolbox,
  freePort,
  PORTS_IN_CONTAINERS,
} from '../../packages/local-stack/src/index.ts';
import { IMAGES } from './images.ts';

const PULL_LIMIT_MS = 10 * 60_000;
const root = join(import.meta.dirname, '../..');
const given = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const isOptional = process.argv.includes('--if-possible');
const hasImages = process.argv.includes('--no-build');
const installed = process.env['HOKUSAI_HOME'] || join(root, '.hokusai');
const home = join(tmpdir(), `hokusai-containers-${process.pid}`);
const env = {
  // BuildKit's client is a plugin that not every Docker comes with.
  DOCKER_BUILDKIT: '0',
  // Without it, builds of several images at once would each make the stages that they share.
  COMPOSE_PARALLEL_LIMIT: '1',
  ...process.env,
  HOKUSAI_E2E_HOME: home,
  GATEWAY_PORT: String(await freePort()),
};

const compose = (...args: string[]) => [
  'compose',
  ...['--project-name', `hokusai-test-${process.pid}`],
  ...['--file', 'compose.yaml', '--file', 'test/containers/compose.test.yaml'],
  ...args,
];

/** Tests of `npm start` itself: they start one of their own, and have nothing to say of containers. */
const OF_LOCAL_START = ['test/e2e/lifecycle.test.ts', 'test/e2e/secrets-at-rest.test.ts'];

process.exitCode = await main();

async function main(): Promise<number> {
  const obstacle = findObstacle();
  if (obstacle !== undefined) {
    console.log(`Not tested in containers: ${obstacle}.`);
    if (isOptional) console.log('0 passed, 0 failed, 0 skipped');
    return isOptional ? 0 : 1;
  }
  mkdirSync(join(home, 'data/mlflow'), { recursive: true });
  try {
    if (!hasImages) run(compose('build'));
    run(compose('up', '--wait', '--no-build'));
    await describeDeployment();
    return runTests();
  } catch (error) {
    console.error((error as Error).message);
    spawnSync('docker', compose('logs', '--tail', '40'), { cwd: root, env, stdio: 'inherit' });
    return 1;
  } finally {
    // In silence: what the tests closed with is to be the last line.
    spawnSync('docker', compose('down', '--volumes', '--timeout', '30'), { cwd: root, env, stdio: 'ignore' });
    rmSync(home, { recursive: true, force: true });
  }
}

/** Why there can't be containers here. */
function findObstacle(): string | undefined {
  const works = (...args: string[]) =>
    spawnSync('docker', args, { stdio: 'ignore', timeout: PULL_LIMIT_MS }).status === 0;
  if (!works('info')) return 'no Docker engine answers (`docker info` says why)';
  if (!works('compose', 'version')) return 'Docker has no Compose here (`docker compose version`)';
  const missing = Object.values(IMAGES).find(
    (image) => !works('image', 'inspect', image) && !works('pull', image),
  );
  return (
    missing &&
    `${missing} is not here and can't be pulled; scripts/containers/base-images.ts makes one like it`
  );
}

/** As `npm start` leaves it: `env`, `admin.key` and `venv`, with the addresses that are published here. */
async function describeDeployment(): Promise<void> {
  const saved = parseEnv(capture(compose('run', '--rm', '--no-deps', '-T', 'secrets', 'cat', '/state/env')));
  const published = Object.fromEntries(
    Object.entries(PORTS_IN_CONTAINERS).map(([name, port]) => [name, publishedPort(name, port)]),
  ) as Record<keyof typeof PORTS_IN_CONTAINERS, number>;
  const { envFile } = containerPlan(saved as Record<string, string>, { hosts: {}, ports: published });
  const lines = Object.entries(envFile).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(home, 'env'), lines.join(''), { mode: 0o600 });
  const adminKey = capture(compose('exec', '-T', 'keys', 'cat', '/var/lib/hokusai/admin.key'));
  writeFileSync(join(home, 'admin.key'), adminKey, { mode: 0o600 });
  const onProgress = (what: string, text: string) => console.log(`${what}: ${text}`);
  await createToolbox({ home: installed, env: process.env, onProgress }).mlflowPython();
  symlinkSync(join(installed, 'venv'), join(home, 'venv'));
}

/** `KEYS_GRPC_PORT` is a port of the container `keys`. 0 for what is not published. */
function publishedPort(name: string, port: number): number {
  const address = capture(compose('port', name.split('_', 1)[0]?.toLowerCase() ?? '', String(port)));
  return Number(/:(\d+)\s*$/.exec(address)?.[1] ?? 0);
}

/** By the runner of `npm test`, which ends with `N passed, N failed, N skipped`. */
function runTests(): number {
  const all = globSync('test/e2e/**/*.test.ts', { cwd: root }).sort();
  const files = given.length > 0 ? given : all.filter((file) => !OF_LOCAL_START.includes(file));
  const args = [join(root, 'scripts/test.ts'), 'e2e', ...files];
  return spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}

function run(args: readonly string[]): void {
  execFileSync('docker', args, { cwd: root, env, stdio: 'inherit' });
}

function capture(args: readonly string[]): string {
  return execFileSync('docker', args, { cwd: root, env, encoding: 'utf8' });
}
