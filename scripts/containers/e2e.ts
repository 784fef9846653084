/**
 * The end-to-end tests on the system in containers: builds the images, brings compose.yaml up beside whatever runs
 * already, runs the tests, and takes it down with its data.
 *
 *     node scripts/run.js scripts/containers/e2e.ts [--if-possible] [--no-build] [file…]
 *
 * With `--if-possible` a machine without Docker, or without the images, is told and is no failure; with
 * `--no-build` the images of the services are those that are there.
 * Where no registry answers, it has `base-images.ts` make what the images are built from, as root and with debootstrap.
 */
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import {
  containerPlan,
  createToolbox,
  freePort,
  PORTS_IN_CONTAINERS,
} from '../../packages/local-stack/src/index.ts';
import { COLLECTOR_IMAGE, IMAGES } from './images.ts';

const MAKE_IMAGES = join(import.meta.dirname, 'base-images.ts');
const PULL_LIMIT_MS = 10 * 60_000;
/** MLflow alone may take three minutes on a machine that is busy. */
const READY_LIMIT_SECONDS = 600;
const root = join(import.meta.dirname, '../..');
const given = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
const isOptional = process.argv.includes('--if-possible');
const hasImages = process.argv.includes('--no-build');
const installed = process.env['HOKUSAI_HOME'] || join(root, '.hokusai');
const home = join(tmpdir(), `hokusai-containers-${process.pid}`);
const project = `hokusai-test-${process.pid}`;
const env = {
  // BuildKit's client is a plugin that not every Docker comes with.
  DOCKER_BUILDKIT: '0',
  // Without it, builds of several images at once would each make the stages that they share.
  COMPOSE_PARALLEL_LIMIT: '1',
  ...process.env,
  HOKUSAI_E2E_HOME: home,
  HOKUSAI_E2E_PROJECT: project,
  ...(hasCollector() && {
    COMPOSE_PROFILES: 'telemetry',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'http://otel-collector:4318',
  }),
  GATEWAY_PORT: String(await freePort()),
};

const compose = (...args: string[]) => [
  'compose',
  ...['--project-name', project],
  ...['--file', 'compose.yaml', '--file', 'test/containers/compose.test.yaml'],
  ...args,
];

/** What a signal ends is what runs at that moment: the containers are taken down after it. */
const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => interruption.abort(new Error(`Ended by ${signal}.`)));

process.exitCode = await main();

async function main(): Promise<number> {
  const obstacle = findObstacle() ?? provideImages();
  if (obstacle !== undefined) {
    console.log(`Not tested in containers: ${obstacle}.`);
    if (isOptional) console.log('0 passed, 0 failed, 0 skipped');
    return isOptional ? 0 : 1;
  }
  mkdirSync(join(home, 'data/mlflow'), { recursive: true });
  try {
    if (!hasImages) await run('docker', compose('build'));
    await run('docker', compose('up', '--wait', '--wait-timeout', String(READY_LIMIT_SECONDS), '--no-build'));
    await describeDeployment();
    return await runTests();
  } catch (error) {
    const { aborted, reason } = interruption.signal;
    console.error(((aborted ? reason : error) as Error).message);
    if (!aborted) spawnSync('docker', compose('logs', '--tail', '40'), { cwd: root, env, stdio: 'inherit' });
    return 1;
  } finally {
    await takeDown();
    rmSync(home, { recursive: true, force: true });
  }
}

/** In silence: what the tests closed with is to be the last line. Nothing that they wrote needs a clean end. */
async function takeDown(): Promise<void> {
  const args = compose('down', '--volumes', '--timeout', '2');
  // A group of its own: Ctrl-C on a terminal reaches all others.
  const down = spawn('docker', args, { cwd: root, env, stdio: 'ignore', detached: true });
  await once(down, 'exit');
}

/** Without it the tests of traces are left out. */
function hasCollector(): boolean {
  return works('image', 'inspect', COLLECTOR_IMAGE) || works('pull', COLLECTOR_IMAGE);
}

/** That Docker does it. Nothing is shown. */
function works(...args: string[]): boolean {
  return spawnSync('docker', args, { stdio: 'ignore', timeout: PULL_LIMIT_MS }).status === 0;
}

/** Why there can't be containers here. */
function findObstacle(): string | undefined {
  if (!works('info')) return 'no Docker engine answers (`docker info` says why)';
  if (!works('compose', 'version')) return 'Docker has no Compose here (`docker compose version`)';
  return undefined;
}

/** Has what the images are built from: pulled, or made. Why not, otherwise. */
function provideImages(): string | undefined {
  const absent = findAbsentImage();
  if (absent === undefined) return undefined;
  if (!canMakeImages())
    return `${absent} is not here and can't be pulled; as root, with debootstrap, scripts/containers/base-images.ts makes one like it`;
  console.log(`${absent} is not here and can't be pulled: making images like it`);
  const made = spawnSync(process.execPath, [...process.execArgv, MAKE_IMAGES], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  return made.status === 0 ? findAbsentImage() : `${MAKE_IMAGES} ended with exit code ${made.status}`;
}

function findAbsentImage(): string | undefined {
  return Object.values(IMAGES).find((image) => !works('image', 'inspect', image) && !works('pull', image));
}

function canMakeImages(): boolean {
  return (
    process.getuid?.() === 0 && spawnSync('debootstrap', ['--version'], { stdio: 'ignore' }).status === 0
  );
}

/** As `npm start` leaves it: `env`, `admin.key` and `venv`, with the addresses that are published here. */
async function describeDeployment(): Promise<void> {
  const saved = parseEnv(
    await capture(compose('run', '--rm', '--no-deps', '-T', 'secrets', 'cat', '/state/env')),
  );
  const published = Object.fromEntries(
    await Promise.all(
      Object.entries(PORTS_IN_CONTAINERS).map(async ([name, port]) => [
        name,
        await publishedPort(name, port),
      ]),
    ),
  ) as Record<keyof typeof PORTS_IN_CONTAINERS, number>;
  const { envFile } = containerPlan(saved as Record<string, string>, { hosts: {}, ports: published });
  const described = { ...envFile, HOKUSAI_E2E_CLIENT_ADDRESS: await addressOfThisMachine() };
  const lines = Object.entries(described).map(([name, value]) => `${name}=${value}\n`);
  writeFileSync(join(home, 'env'), lines.join(''), { mode: 0o600 });
  const adminKey = await capture(compose('exec', '-T', 'keys', 'cat', '/var/lib/hokusai/admin.key'));
  writeFileSync(join(home, 'admin.key'), adminKey, { mode: 0o600 });
  const onProgress = (what: string, text: string) => console.log(`${what}: ${text}`);
  await createToolbox({ home: installed, env: process.env, onProgress }).mlflowPython();
  symlinkSync(join(installed, 'venv'), join(home, 'venv'));
}

/** `KEYS_GRPC_PORT` is a port of the container `keys`. 0 for what is not published. */
async function publishedPort(name: string, port: number): Promise<number> {
  const address = await capture(compose('port', name.split('_', 1)[0]?.toLowerCase() ?? '', String(port)));
  return Number(/:(\d+)\s*$/.exec(address)?.[1] ?? 0);
}

/** What the gateway sees as the address of a client on this machine: that of Docker in the network it is published in. */
async function addressOfThisMachine(): Promise<string> {
  const format = '{{(index .IPAM.Config 0).Gateway}}';
  return (await capture(['network', 'inspect', `${project}_public`, '--format', format])).trim();
}

/** By the runner of `npm test`, which ends with `N passed, N failed, N skipped`. */
function runTests(): Promise<number> {
  const all = globSync('test/{containers,e2e}/**/*.test.ts', { cwd: root }).sort();
  const leftOut = all.filter(isOfItsOwn);
  if (given.length === 0) console.log(`Left out, as they start what they test: ${leftOut.join(', ')}`);
  if (!('COMPOSE_PROFILES' in env)) console.log(`Traces are not tested: ${COLLECTOR_IMAGE} is not here`);
  const files = given.length > 0 ? given : all.filter((file) => !leftOut.includes(file));
  const tests = [join(root, 'scripts/test.ts'), 'containers', 'e2e', ...files];
  return exitCodeOf(process.execPath, [...process.execArgv, ...tests]);
}

/** Of `npm start`, or of services of its own: such tests have nothing to say of containers. */
function isOfItsOwn(file: string): boolean {
  return file.startsWith('test/e2e/') && !readFileSync(join(root, file), 'utf8').includes('sharedStack(');
}

/** Throws if the command fails. */
async function run(command: string, args: readonly string[]): Promise<void> {
  const code = await exitCodeOf(command, args);
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with exit code ${code}`);
}

/** Of a command that shows what it prints. Throws if it can't be started, and if a signal ended all of this. */
async function exitCodeOf(command: string, args: readonly string[]): Promise<number> {
  const { signal } = interruption;
  signal.throwIfAborted();
  const child = spawn(command, args, { cwd: root, env, stdio: 'inherit' });
  const end = () => child.kill('SIGTERM');
  signal.addEventListener('abort', end, { once: true });
  const [code] = (await once(child, 'exit')) as [number | null];
  signal.removeEventListener('abort', end);
  signal.throwIfAborted();
  return code ?? 1;
}

async function capture(args: readonly string[]): Promise<string> {
  const { signal } = interruption;
  const { stdout } = await promisify(execFile)('docker', args, { cwd: root, env, signal });
  return stdout;
}
