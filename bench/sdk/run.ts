/**
 * The SDK beside MLflow's own Python client, through the gateway:
 *
 *     npm run bench -- sdk              100,000 metrics by each, in each of five rounds
 *     npm run bench -- sdk --quick      10,000, in three
 *
 * What is measured and how: docs/performance.md.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { closeTestBackends, createMlflow } from '@hokusai/testing';
import { startStack } from '../gateway/stack.ts';
import { writeReport } from '../lib/report.ts';
import { Results } from '../lib/results.ts';
import { measureMetrics } from './metrics.ts';

const FULL = { rounds: 5, metrics: 100_000 };
const QUICK = { rounds: 3, metrics: 10_000 };

const folder = mkdtempSync(join(tmpdir(), 'hokusai-bench-'));
const end = async () => {
  await closeTestBackends();
  rmSync(folder, { recursive: true, force: true });
};

process.once('SIGINT', () => void end().finally(() => process.exit(130)));
process.once('SIGTERM', () => void end().finally(() => process.exit(143)));
try {
  await measure();
} finally {
  await end();
}

async function measure(): Promise<void> {
  const [mlflow, stack] = await Promise.all([createMlflow(), startStack(folder, 1)]);
  const { port } = await stack.startGateway(mlflow.url, { LOG_LEVEL: 'error' });
  const [key = ''] = stack.keys;
  const setting = { mlflow, trackingUri: `http://127.0.0.1:${port}/mlflow`, key, folder };
  const results = new Results();
  results.begin('metrics');
  await measureMetrics(setting, process.argv.includes('--quick') ? QUICK : FULL, results);
  await writeReport('sdk', results);
}
