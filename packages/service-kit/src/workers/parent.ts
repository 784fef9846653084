/** The parent of worker processes: holds the port that they share, and serves nothing but their health. */
import cluster from 'node:cluster';
import { systemClock } from '../clock.ts';
import { type HealthReport, serveHealth } from '../health.ts';
import type { Lifecycle } from '../lifecycle.ts';
import type { ListeningAddress } from '../listening.ts';
import { createLogger, type Logger } from '../log.ts';
import { ProcessMetrics } from '../telemetry/processes.ts';
import { HealthLink, MetricsLink } from './health-link.ts';
import { isStarted, RETIRE, WORKER_OPTION } from './messages.ts';
import { type WorkerExit, WorkerPool, type WorkerProcess } from './pool.ts';

/** What a parent needs to know of a service. */
export interface ParentSettings {
  service: string;
  /** Processes; with 1 there is no parent. */
  workers: number;
  logLevel: string;
  /** What a worker that was replaced may take to finish what it has under way. */
  drainMs: number;
  /** Where `/livez`, `/readyz` and `/metrics` are served for all workers together. */
  health: ListeningAddress;
}

/** Starts the workers. SIGHUP replaces them, one after the other, without a gap. */
export async function superviseWorkers(settings: ParentSettings, lifecycle: Lifecycle): Promise<Logger> {
  const logger = createLogger({ service: settings.service, level: settings.logLevel });
  // The parent accepts and deals out: connections spread evenly, and none is lost with the queue of a
  // listening socket whose worker goes.
  cluster.schedulingPolicy = cluster.SCHED_RR;
  const metrics = new ProcessMetrics();
  const pool: WorkerPool = new WorkerPool({
    count: settings.workers,
    drainMs: settings.drainMs,
    fork: (number) => forkWorker(number, () => pool.health(), metrics, logger),
    clock: systemClock,
    after: (delayMs, task) => {
      const timer = setTimeout(task, delayMs);
      return () => clearTimeout(timer);
    },
    logger,
    onGiveUp: (error) => lifecycle.fail(error),
  });
  lifecycle.onClose('workers', () => pool.stop());
  process.on('SIGHUP', () => {
    pool.renew().catch((error: unknown) => lifecycle.fail(error));
  });
  await pool.start();
  const health = await serveHealth(settings.health, () => pool.health(), metrics);
  lifecycle.onClose('health server', () => health.close());
  logger.info({ workers: settings.workers, healthPort: health.port }, 'all workers serve');
  return logger;
}

function forkWorker(
  number: number,
  whole: () => Promise<HealthReport>,
  metrics: ProcessMetrics,
  logger: Logger,
): WorkerProcess {
  cluster.setupPrimary({ args: [...process.argv.slice(2), `${WORKER_OPTION}${number}`] });
  const worker = cluster.fork();
  // A worker that is gone can't be told anything: its exit says all there is.
  worker.on('error', (error) =>
    logger.debug({ err: error, worker: number }, 'a worker could not be reached'),
  );
  const send = (message: object) => void worker.send(message, () => {});
  const link = new HealthLink(send, whole);
  const metricsLink = new MetricsLink(send, () => Promise.resolve([]));
  worker.on('message', (message) => {
    link.receive(message);
    metricsLink.receive(message);
  });
  metrics.add(worker, () => metricsLink.ask());
  worker.once('exit', () => void metrics.ended(worker));
  return {
    pid: worker.process.pid,
    started: new Promise((resolve) => {
      worker.on('message', (message) => {
        if (isStarted(message)) resolve();
      });
    }),
    exited: new Promise<WorkerExit>((resolve) => {
      worker.once('exit', (code: number | null, signal: string | null) => resolve({ code, signal }));
    }),
    health: () => link.ask(),
    retire: () => void worker.send(RETIRE, () => {}),
    signal: (name) => void worker.process.kill(name),
  };
}
