/** Metrics of one run, in batches of a thousand: by the SDK and by MLflow's Python client in turn. */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MlflowEndpoint } from '@hokusai/testing';
import { atLeast, atMost } from '../lib/report.ts';
import type { Results } from '../lib/results.ts';
import { medianOf } from '../lib/statistics.ts';

/** In one request; MLflow takes no more. The SDK makes its batches by itself. */
const BATCH = 1000;
/** So many different metrics, at one step after the other. */
const KEYS = 10;
/** MLflow's own limit for a page of a metric's values. */
const PAGE = 25_000;

/** How the SDK is reached where nothing was built. */
const FROM_SOURCES = ['--conditions=source', '--disable-warning=ExperimentalWarning'];

export interface Setting {
  mlflow: MlflowEndpoint;
  /** Of the gateway. */
  trackingUri: string;
  key: string;
  /** A home for clients, where nothing is configured. */
  folder: string;
}

export interface Extent {
  rounds: number;
  /** By each client, in each round. */
  metrics: number;
}

/** What a client prints. */
interface Logged {
  runId: string;
  /** From the first metric until the server has the last one. */
  seconds: number;
  /** Processor time of the client's process meanwhile. */
  cpuSeconds: number;
}

const CLIENTS = ['SDK', 'Python client'] as const;
type Client = (typeof CLIENTS)[number];

export async function measureMetrics(setting: Setting, extent: Extent, results: Results): Promise<void> {
  const logged: Record<Client, Logged[]> = { SDK: [], 'Python client': [] };
  let lost = 0;
  for (let round = 0; round < extent.rounds; round++) {
    // Another one is first each time.
    for (const client of round % 2 === 0 ? CLIENTS : CLIENTS.toReversed()) {
      const result = await runClient(client, setting, extent.metrics);
      logged[client].push(result);
      lost += extent.metrics - (await countStored(setting.mlflow, result.runId));
    }
  }
  report(logged, extent, results);
  results.target(atMost('metrics lost, of all rounds', 0, lost));
}

function report(logged: Record<Client, Logged[]>, { metrics }: Extent, results: Results): void {
  const rates = (client: Client) => logged[client].map(({ seconds }) => metrics / seconds);
  const costs = (client: Client) => logged[client].map(({ cpuSeconds }) => (cpuSeconds * 1e6) / metrics);
  for (const client of CLIENTS) {
    results.row(`${metrics} metrics by the ${client}`, medianOf(rates(client)), 'metrics/s');
    results.row(`processor time of the ${client} for each`, medianOf(costs(client)), 'µs');
  }
  const ratios = rates('SDK').map((rate, round) => rate / (rates('Python client')[round] ?? Number.NaN));
  results.target(atLeast('SDK, in times of the Python client', 1, medianOf(ratios)));
}

async function runClient(client: Client, setting: Setting, metrics: number): Promise<Logged> {
  const { trackingUri, key, folder, mlflow } = setting;
  const program =
    client === 'SDK'
      ? [process.execPath, ...FROM_SOURCES, join(import.meta.dirname, 'log-metrics.ts')]
      : [mlflow.python, '-W', 'ignore', join(import.meta.dirname, 'log_metrics.py')];
  const [command = '', ...args] = [...program, String(metrics), String(KEYS), String(BATCH)];
  const { stdout } = await promisify(execFile)(command, args, {
    cwd: folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      NODE_ENV: 'production',
      MLFLOW_TRACKING_URI: trackingUri,
      MLFLOW_TRACKING_TOKEN: key,
      MLFLOW_DISABLE_TELEMETRY: 'true',
      GIT_PYTHON_REFRESH: 'quiet',
    },
  });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Logged;
}

/** Asked of MLflow itself. */
async function countStored({ url }: MlflowEndpoint, runId: string): Promise<number> {
  let stored = 0;
  for (let key = 0; key < KEYS; key++) {
    let pageToken: string | undefined;
    do {
      const address = new URL('/api/2.0/mlflow/metrics/get-history', url);
      address.searchParams.set('run_id', runId);
      address.searchParams.set('metric_key', `metric-${key}`);
      address.searchParams.set('max_results', String(PAGE));
      if (pageToken) address.searchParams.set('page_token', pageToken);
      const answer = (await (await fetch(address)).json()) as { metrics?: []; next_page_token?: string };
      stored += answer.metrics?.length ?? 0;
      pageToken = answer.next_page_token;
    } while (pageToken);
  }
  return stored;
}
