/** The whole system as a stranger starts it: `npm start -- --detach` with a home of its own. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv, promisify } from 'node:util';
import { freePort, type Replicas, startReplicas } from '@hokusai/testing';

const root = join(import.meta.dirname, '../../..');

const LOOPBACK = '127.0.0.1';

export interface Stack {
  home: string;
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  gatewayUrl: string;
  /** What `npm start` printed. */
  output: string;
  adminKey: string;
  /** The generated URLs and secrets of `$HOKUSAI_HOME/env`. */
  env: Record<string, string>;
  /** What the gateway sees as the address of clients on this machine. */
  clientAddress: string;
  /** Python of the stack's environment, with the newest MLflow. */
  python: string;
}

/** A home that nothing has been started in. */
export function newHome(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'hokusai-e2e-'));
}

/** One in which nothing needs to be installed that the tests before have installed for themselves. */
export async function preparedHome(): Promise<string> {
  const home = await newHome();
  const installed = process.env['HOKUSAI_HOME'] || join(root, '.hokusai');
  for (const folder of ['servers', 'venv'])
    if (existsSync(join(installed, folder))) await symlink(join(installed, folder), join(home, folder));
  return home;
}

/** Starts the stack of a home and returns when it is ready. */
export async function startStack(home: string, settings: Record<string, string> = {}): Promise<Stack> {
  const port = settings['GATEWAY_PORT'] ?? String(await freePort());
  const output = await npm(['start', '--', '--detach'], home, { ...settings, GATEWAY_PORT: port });
  return readStack(home, output);
}

/** A stack that runs already, from the files of its home. */
async function readStack(home: string, output = ''): Promise<Stack> {
  const env = parseEnv(await readFile(join(home, 'env'), 'utf8')) as Record<string, string>;
  return {
    home,
    gatewayUrl: env['GATEWAY_URL'] ?? '',
    output,
    adminKey: (await readFile(join(home, 'admin.key'), 'utf8')).trim(),
    env,
    clientAddress: env['HOKUSAI_E2E_CLIENT_ADDRESS'] ?? LOOPBACK,
    python: join(home, 'venv/bin/python'),
  };
}

export async function stopStack(home: string): Promise<void> {
  await npm(['run', 'stop'], home);
}

/** Stops the stack and removes its home. */
async function removeStack(home: string): Promise<void> {
  await stopStack(home);
  await rm(home, { recursive: true });
}

async function npm(
  args: readonly string[],
  home: string,
  settings: Record<string, string> = {},
): Promise<string> {
  const env = { ...process.env, ...settings, HOKUSAI_HOME: home };
  const { stdout, stderr } = await promisify(execFile)('npm', args, {
    cwd: root,
    env,
    maxBuffer: 2 ** 24,
  }).catch((error: Error & { stdout: string; stderr: string }) => {
    throw new Error(`npm ${args.join(' ')} failed:\n${error.stdout}\n${error.stderr}`);
  });
  return stdout + stderr;
}

/**
 * A deployment that is not of `npm start`, in a folder of the same form as a home: `env`, `admin.key` and `venv`. Its
 * `env` has HOKUSAI_E2E_CLIENT_ADDRESS as well, where clients are not seen at the loopback address.
 */
const deployed = process.env['HOKUSAI_E2E_HOME'];

/** For tests of `npm start` itself, in `before`: they have nothing to say of another deployment. */
export function onlyOfLocalStart(context: Mocha.Context): void {
  if (deployed) context.skip();
}

/** 1: as `npm start` starts it. */
const REPLICAS = process.env['HOKUSAI_E2E_REPLICAS'] === '1' ? 1 : 2;

let shared: { home: string; stack: Promise<Stack> } | undefined;
let replicas: Replicas | undefined;

/**
 * The run's one stack, for tests that don't stop it, with two replicas of each service unless said otherwise; started on
 * first use, removed after the last test.
 */
export async function sharedStack({ replicas: count = REPLICAS } = {}): Promise<Stack> {
  if (deployed) return readStack(deployed);
  if (!shared) {
    const home = await preparedHome();
    shared = { home, stack: count === 1 ? startStack(home) : startReplicated(home) };
  }
  return shared.stack;
}

async function startReplicated(home: string): Promise<Stack> {
  const stack = await startStack(home);
  replicas = await startReplicas(stack);
  return { ...stack, gatewayUrl: replicas.url, env: { ...stack.env, GATEWAY_URL: replicas.url } };
}

after(async function () {
  this.timeout(120_000);
  await replicas?.[Symbol.asyncDispose]();
  if (shared) await removeStack(shared.home);
});
