/**
 * Compares ways to forward a request (see variants.ts), one core each, in one run:
 *
 *     node scripts/run.js bench/forwarding/run.ts [rounds] [seconds]
 *
 * Needs nginx, wrk and taskset on the PATH and two cores: the variant has one for itself, wrk and the
 * upstream share the other. Rounds are interleaved, so that a neighbour's load falls on all alike; the
 * table shows medians, and ratios to undici alone.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { authRequestConfig, upstreamConfig } from './nginx.ts';

const [rounds = 3, seconds = 5] = process.argv.slice(2).map(Number);
const LOAD_CORE = '0';
const PROXY_CORE = '1';
const CONNECTIONS = 32;
const NODE_VARIANTS = ['express-http-proxy-middleware', 'node-http-request', 'express-undici', 'undici'];

const folder = await mkdtemp(join(tmpdir(), 'hokusai-bench-'));
const children: ChildProcess[] = [];
try {
  const upstreamPort = await startNginx('upstream', LOAD_CORE, upstreamConfig);
  const ports = new Map<string, number>();
  for (const name of NODE_VARIANTS) ports.set(name, await startVariant(name, upstreamPort));
  const authPort = await startVariant('auth-service', upstreamPort);
  const nginxPort = await startNginx('auth-request', PROXY_CORE, (path, port) =>
    authRequestConfig(path, port, upstreamPort, authPort),
  );
  ports.set('nginx-auth_request', nginxPort);
  report(await measure(ports));
} finally {
  await Promise.all(children.map(stop));
  await rm(folder, { recursive: true });
}

async function measure(ports: Map<string, number>): Promise<Map<string, number[]>> {
  const rates = new Map([...ports.keys()].map((name) => [name, [] as number[]]));
  for (const port of ports.values()) await load(port, 1);
  for (let round = 0; round < rounds; round++) {
    for (const [name, port] of ports) rates.get(name)?.push(await load(port, seconds));
  }
  return rates;
}

/** Requests per second, from wrk; throws if any answer was not a 200. */
async function load(port: number, forSeconds: number): Promise<number> {
  const args = [
    '-c',
    LOAD_CORE,
    'wrk',
    '-t1',
    `-c${CONNECTIONS}`,
    `-d${forSeconds}s`,
    '-H',
    'Authorization: Bearer bench-key',
  ];
  const { stdout } = await promisify(execFile)('taskset', [
    ...args,
    `http://127.0.0.1:${port}/api/2.0/mlflow/runs/get?run_id=1`,
  ]);
  if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(stdout);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]);
}

function report(rates: Map<string, number[]>): void {
  const median = (values: number[]) =>
    values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
  const reference = median(rates.get('undici') ?? []);
  console.log(
    `${'variant'.padEnd(32)}${'requests/s'.padStart(12)}${'min'.padStart(9)}${'max'.padStart(9)}${'to undici'.padStart(11)}`,
  );
  for (const [name, values] of rates) {
    const columns = [median(values), Math.min(...values), Math.max(...values)].map((value) =>
      value.toFixed(0),
    );
    const ratio = (median(values) / reference).toFixed(2);
    console.log(
      `${name.padEnd(32)}${columns[0]?.padStart(12)}${columns[1]?.padStart(9)}${columns[2]?.padStart(9)}${ratio.padStart(11)}`,
    );
  }
}

async function startNginx(
  name: string,
  core: string,
  config: (folder: string, port: number) => string,
): Promise<number> {
  const port = await freePort();
  const file = join(folder, `${name}.conf`);
  const home = await mkdtemp(join(folder, `${name}-`));
  await writeFile(file, config(home, port));
  children.push(spawn('taskset', ['-c', core, 'nginx', '-p', home, '-c', file], { stdio: 'ignore' }));
  await listening(port);
  return port;
}

function startVariant(name: string, upstreamPort: number): Promise<number> {
  const script = join(import.meta.dirname, 'variants.ts');
  const args = ['-c', PROXY_CORE, process.execPath, script, name, String(upstreamPort)];
  const child = spawn('taskset', args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_ENV: 'production' },
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.stdout.once('data', (line: Buffer) => resolve(Number(line.toString())));
    child.once('exit', () => reject(new Error(`${name} ended before it listened`)));
  });
}

async function listening(port: number): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const answered = await fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`nothing listens on port ${port}`);
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

function stop(child: ChildProcess): Promise<unknown> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  return ended;
}
