/** The audit service: appends what happened to a chain that can be verified, and answers what did. */
import { randomBytes } from 'node:crypto';
import { CONSUMERS, services } from '@hokusai/contracts';
import {
  type Bus,
  bindService,
  collectInOneThread,
  createLogger,
  createPool,
  followCertificates,
  grpcServerOptions,
  isTransientDatabaseError,
  keepHeapSmall,
  type Logger,
  logFailedCalls,
  measureCalls,
  natsOptions,
  openBus,
  openServiceMetrics,
  openTracing,
  type Pool,
  reportHealth,
  runService,
  startGrpcServer,
  startHealthServer,
  systemClock,
  type Tracing,
  traceCalls,
} from '@hokusai/service-kit';
import { type Checkpoints, startCheckpoints } from './checkpoints.ts';
import { type ServiceConfig, serviceConfig } from './config.ts';
import { appendHandler } from './events/append-handler.ts';
import { auditHandlers } from './grpc/audit-handlers.ts';
import { openReads } from './reads.ts';
import { sinksOf } from './sinks/configured.ts';
import { createAppender } from './storage/appender.ts';
import { createCheckpointStore } from './storage/checkpoints.ts';
import { createAuditReader } from './storage/reader.ts';
import { createVerification } from './storage/verification.ts';
import { AUDIT_METRICS } from './telemetry/definitions.ts';

/** Whatever deadline its caller sets: the chain of years takes its time to be recomputed. */
const VERIFICATION_LIMIT_MS = 30 * 60_000;
/** At the same time; others are told to come back. Appending has connections of its own. */
const VERIFICATIONS = 2;
/** Of whoever waits for the head behind a replica that does not go on; it is tried again. */
const LOCK_TIMEOUT_MS = 5000;

runService(serviceConfig, async (config, lifecycle) => {
  keepHeapSmall();
  collectInOneThread();
  const logger = createLogger({ service: 'audit', level: config.LOG_LEVEL });

  const tracing = openTracing('audit', config, logger, lifecycle);
  const database = {
    tracing,
    connectionString: config.AUDIT_DATABASE_URL,
    onError: (error: Error) => logger.warn({ err: error }, 'an idle database connection was lost'),
  };
  const pool = createPool({
    ...database,
    max: config.AUDIT_DATABASE_POOL,
    applicationName: 'hokusai-audit',
    lockTimeoutMs: LOCK_TIMEOUT_MS,
  });
  lifecycle.onClose('database', () => pool.end());
  const verifying = createPool({ ...database, max: VERIFICATIONS, applicationName: 'hokusai-audit-verify' });
  lifecycle.onClose('verifications', () => verifying.end());

  // Closed after whatever appends, so that its last checkpoint covers everything.
  const checkpoints = openCheckpoints(config, pool, logger);
  lifecycle.onClose('checkpoints', () => checkpoints?.close());

  const bus = connectBus(config, tracing, logger);
  lifecycle.onClose('bus', () => bus.close());
  const appender = createAppender({ pool, clock: systemClock, randomBytes });
  appendFrom(bus, appendHandler(appender));

  const reads = openReads({ appender, logger });
  lifecycle.onClose('reads of the log', () => reads.close());

  const observe = logFailedCalls(logger);
  const handlers = auditHandlers({
    store: createAuditReader(pool),
    verification: createVerification(verifying, config.AUDIT_SIGNING_KEYS?.publicKeys),
    reads,
    observe,
  });
  const pools = { main: pool, verifying };
  const certificates = followCertificates(serviceConfig, config, logger, lifecycle);
  const { consumers } = bus;
  const metrics = openServiceMetrics(AUDIT_METRICS, { pools, consumers, tracing, certificates });
  metrics.read(AUDIT_METRICS.checkpointProblem, () => (checkpoints?.alarm() === undefined ? 0 : 1));
  const interceptors = [measureCalls(metrics, AUDIT_METRICS), ...traceCalls(tracing)];
  const serving = { ...grpcServerOptions('AUDIT', config), observe, interceptors };
  const grpc = await startGrpcServer(serving, [
    bindService(services.audit, handlers, { VerifyChain: VERIFICATION_LIMIT_MS }),
  ]);
  lifecycle.onClose('gRPC server', () => grpc.close());
  certificates.onChange((now) => grpc.renewTls(grpcServerOptions('AUDIT', now).tls));

  const checkDatabase = () => pool.query('select 1');
  lifecycle.onClose('health report', await reportHealth(grpc, { database: checkDatabase }));
  const health = await startHealthServer(
    { host: config.HEALTH_HOST, port: config.HEALTH_PORT },
    { database: checkDatabase, nats: () => bus.check() },
    { checkpoints: () => checkpoints?.alarm(), deadLetters: bus.deadLetters },
    metrics,
  );
  lifecycle.onClose('health server', () => health.close());

  logger.info({ grpcPort: grpc.port, healthPort: health.port }, 'listening');
  return logger;
});

function connectBus(config: ServiceConfig, tracing: Tracing | undefined, logger: Logger): Bus {
  const named = { ...natsOptions(config), name: 'hokusai-audit', publishTimeoutMs: 5000 };
  return openBus({ ...named, tracing, logger });
}

function appendFrom(bus: Bus, handle: ReturnType<typeof appendHandler>): void {
  for (const consumer of [CONSUMERS.auditAppend, CONSUMERS.auditAppendGateway])
    bus.consume({
      ...consumer,
      batchSize: 500,
      lingerMs: 20,
      // One batch is read and prepared while another is stored.
      concurrency: 2,
      handle,
      isOutage: isTransientDatabaseError,
    });
}

function openCheckpoints(config: ServiceConfig, pool: Pool, logger: Logger): Checkpoints | undefined {
  const { AUDIT_SIGNING_KEYS: ring } = config;
  if (!ring) {
    logger.warn('AUDIT_SIGNING_KEYS is not set: no checkpoints are signed, so nothing tells a rebuilt log');
    return undefined;
  }
  const sinks = sinksOf(config);
  if (sinks.length === 0)
    logger.warn(
      'neither AUDIT_CHECKPOINT_DIR nor AUDIT_CHECKPOINT_BUCKET_URL is set: checkpoints stay in the database',
    );
  return startCheckpoints({
    store: createCheckpointStore(pool),
    ring,
    sinks,
    intervalMs: config.AUDIT_CHECKPOINT_SECONDS * 1000,
    clock: systemClock,
    logger,
  });
}
