/**
 * Compares ways to forward a request (see variants.ts), one core each, in one run:
 *
 *     npm run bench -- forwarding [rounds] [seconds]
 *
 * Needs what `npm run bench -- gateway` needs; where each process runs is the same (../lib/cores.ts). The table
 * shows medians of interleaved rounds, and ratios to undici alone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@hokusai/testing';
import { checkMachine, leaveSubjectCore } from '../lib/cores.ts';
import { authRequestConfig, upstreamConfig } from '../lib/nginx.ts';
import { endProcesses, startListener, startNginx } from '../lib/processes.ts';
import { medianOf } from '../lib/statistics.ts';
import { measureRates, type Variants } from '../lib/throughput.ts';

const [rounds = 3, seconds = 5] = process.argv.slice(2).map(Number);
const CONNECTIONS = 32;
const NODE_VARIANTS = [
  'express-http-proxy-middleware',
  'node-http-request',
  'express-undici',
  'undici',
  'own-client',
];
const SCRIPT = join(import.meta.dirname, 'variants.ts');

const folder = mkdtempSync(join(tmpdir(), 'hokusai-bench-'));
try {
  await checkMachine();
  await leaveSubjectCore();
  await measure(await startVariants());
} finally {
  await endProcesses();
  rmSync(folder, { recursive: true });
}

async function startVariants(): Promise<Variants> {
  const [upstream, authRequest] = [await freePort(), await freePort()];
  await startNginx(upstreamConfig(folder, upstream, folder), upstream, { isSubject: false });
  const start = async (name: string) => {
    const command = [process.execPath, SCRIPT, name, String(upstream)];
    return (await startListener(command, { isSubject: true })).port;
  };
  const ports = new Map<string, number>();
  for (const name of NODE_VARIANTS) ports.set(name, await start(name));
  const config = authRequestConfig(folder, authRequest, upstream, await start('auth-service'));
  await startNginx(config, authRequest, { isSubject: true });
  ports.set('nginx-auth_request', authRequest);
  return Object.fromEntries([...ports].map(([name, port]) => [name, { url: urlOf(port), key: 'bench-key' }]));
}

function urlOf(port: number): string {
  return `http://127.0.0.1:${port}/api/2.0/mlflow/runs/get?run_id=1`;
}

async function measure(variants: Variants): Promise<void> {
  const rates = await measureRates(variants, { rounds, seconds, connections: CONNECTIONS });
  print('variant', ['requests/s', 'min', 'max', 'to undici']);
  for (const name of Object.keys(variants)) {
    const each = rates.of(name);
    const figures = [medianOf(each), Math.min(...each), Math.max(...each)].map((rate) => rate.toFixed(0));
    print(name, [...figures, rates.ratio(name, 'undici').toFixed(2)]);
  }
}

function print(name: string, columns: readonly string[]): void {
  console.log(name.padEnd(32) + columns.map((column) => column.padStart(12)).join(''));
}
