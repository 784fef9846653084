/** What a serving process knows of itself: whether it has siblings, and who serves its health. */
import cluster from 'node:cluster';
import { checkHealth, type HealthCheck, type HealthServer, startHealthServer } from '../health.ts';
import type { ListeningAddress } from '../listening.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { HealthLink, MetricsLink } from './health-link.ts';
import { isRetire, STARTED, WORKER_OPTION } from './messages.ts';

type HealthChecks = Readonly<Record<string, HealthCheck>>;

export interface ServingProcess {
  /** From 1, and handed on to whoever takes its place; undefined where it has no siblings. */
  readonly number: number | undefined;
  /**
   * Has `/livez`, `/readyz` and `/metrics` served: by this process, which gives the server, or where there are several
   * by their parent, for all of them together.
   */
  serveHealth(
    address: ListeningAddress,
    checks: HealthChecks,
    metrics?: Metrics,
  ): Promise<HealthServer | undefined>;
  /** The same checks for where any of the processes may be asked: they hold if they do in one of them. */
  ofAll(checks: HealthChecks): HealthChecks;
}

/** Without siblings. */
export const onlyProcess: ServingProcess = {
  number: undefined,
  serveHealth: (address, checks, metrics) => startHealthServer(address, checks, {}, metrics),
  ofAll: (checks) => checks,
};

export interface Worker extends ServingProcess {
  /** Tells the parent that this process serves. */
  started(): void;
  /** Resolves when a successor serves; never if there is none. */
  readonly retired: Promise<void>;
}

/** This process as a worker of the parent that forked it. When the parent is gone, it stops as on SIGTERM. */
export function workerOfParent(): Worker {
  let ownChecks: HealthChecks = { process: () => Promise.reject(new Error('is starting')) };
  let ownMetrics: Metrics | undefined;
  const send = (message: object) => void process.send?.(message, () => {});
  const link = new HealthLink(send, () => checkHealth(ownChecks));
  const metricsLink = new MetricsLink(send, async () => (await ownMetrics?.snapshot()) ?? []);
  process.on('message', (message) => {
    link.receive(message);
    metricsLink.receive(message);
  });
  // The terminal's, too, reaches all of a group: what it asks for is the parent's affair.
  process.on('SIGHUP', () => {});
  const self = cluster.worker;
  self?.once('disconnect', () => {
    // Else Node ends the process at once, with what is in flight.
    self.exitedAfterDisconnect = true;
    process.emit('SIGTERM');
  });
  const isReadySomewhere = async () => {
    if (!(await link.ask()).ready) throw new Error('no worker is ready');
  };
  return {
    number: numberOf(process.argv),
    serveHealth: (_, checks, metrics) => {
      ownChecks = checks;
      ownMetrics = metrics;
      return Promise.resolve(undefined);
    },
    ofAll: (checks) =>
      Object.fromEntries(
        Object.entries(checks).map(([name, check]) => [name, () => check().catch(isReadySomewhere)]),
      ),
    started: () => send(STARTED),
    retired: new Promise((resolve) => {
      process.on('message', (message) => {
        if (isRetire(message)) resolve();
      });
    }),
  };
}

function numberOf(args: readonly string[]): number | undefined {
  const option = args.find((arg) => arg.startsWith(WORKER_OPTION));
  return option === undefined ? undefined : Number(option.slice(WORKER_OPTION.length));
}
