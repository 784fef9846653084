/**
 * The end-to-end tests on the system in containers: builds the images, brings compose.yaml up beside whatever runs
 * already, runs the tests, and takes it down with its data.
 *
 *     node scripts/run.js scripts/containers/e2e.ts [file…]
 *
 * Where no registry answers, `base-images.ts` makes what the images are built from first.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { globSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import {
  containerPlan,
  createToolbox,
  freePort,
  PORTS_IN_CONTAINERS,
} from '../../packages/local-stack/src/index.ts';

const root = join(import.meta.dirname, '../..');
const installed = process.env['HOKUSAI_HOME'] || join(root, '.hokusai');
const home = mkdtempSync(join(tmpdir(), 'hokusai-containers-'));
const env = {
  // BuildKit's client is a plugin that not every Docker comes with.
  DOCKER_BUILDKIT: '0',
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

process.exitCode = await main();

async function main(): Promise<number> {
  if (!engineAnswers()) {
    console.error(
      'No Docker engine with compose answers: `docker info` and `docker compose version` say why.',
    );
    return 1;
  }
  mkdirSync(join(home, 'data/mlflow'), { recursive: true });
  try {
    run(compose('build'));
    run(compose('up', '--wait', '--no-build'));
    await describeDeployment();
    return runTests();
  } catch (error) {
    console.error((error as Error).message);
    spawnSync('docker', compose('logs', '--tail', '40'), { cwd: root, env, stdio: 'inherit' });
    return 1;
  } finally {
    run(compose('down', '--volumes', '--timeout', '30'));
    rmSync(home, { recursive: true, force: true });
  }
}

function engineAnswers(): boolean {
  return [['info'], ['compose', 'version']].every(
    (args) => spawnSync('docker', args, { stdio: 'ignore' }).status === 0,
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

function runTests(): number {
  const given = process.argv.slice(2);
  const files = given.length > 0 ? given : globSync('test/e2e/**/*.test.ts', { cwd: root }).sort();
  const mocha = join(root, 'node_modules/mocha/bin/mocha.js');
  const args = [mocha, '--timeout', String(5 * 60_000), ...files];
  return spawnSync(process.execPath, args, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}

function run(args: readonly string[]): void {
  execFileSync('docker', args, { cwd: root, env, stdio: 'inherit' });
}

function capture(args: readonly string[]): string {
  return execFileSync('docker', args, { cwd: root, env, encoding: 'utf8' });
}
