/** The usage service: stores what gateways report and answers what was used. */
import { CONSUMERS, services } from '@hokusai/contracts';
import {
  type Bus,
  bindService,
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
import { retentionOf, type ServiceConfig, serviceConfig } from './config.ts';
import { ingestHandler, keyEventsHandler } from './events/handlers.ts';
import { usageHandlers } from './grpc/usage-handlers.ts';
import { startRolling } from './rolling.ts';
import { createIngestStore } from './storage/ingest.ts';
import { createKeyProjection } from './storage/key-projection.ts';
import { createPartitions } from './storage/partitions.ts';
import { createUsageReader } from './storage/reader.ts';
import { USAGE_METRICS } from './telemetry/definitions.ts';

runService(serviceConfig, async (config, lifecycle) => {
  keepHeapSmall();
  const logger = createLogger({ service: 'usage', level: config.LOG_LEVEL });
  const clock = systemClock;

  const tracing = openTracing('usage', config, logger, lifecycle);
  const pool = openDatabase(config, tracing, logger);
  lifecycle.onClose('database', () => pool.end());

  const partitions = createPartitions(pool, clock, logger);
  const stopping = new AbortController();
  const keeping = partitions.keep(retentionOf(config), stopping.signal);
  lifecycle.onClose('partitions', () => {
    stopping.abort();
    return keeping;
  });

  const bus = connectBus(config, tracing, logger);
  lifecycle.onClose('bus', () => bus.close());
  storeFrom(bus, pool, partitions);

  const rolling = startRolling({ databaseUrl: config.USAGE_DATABASE_URL, clock, logger });
  lifecycle.onClose('rolling up', () => rolling.close());

  const observe = logFailedCalls(logger);
  const store = createUsageReader(pool);
  const handlers = usageHandlers({ store, clock, checkBroker: () => bus.check(), observe });
  const certificates = followCertificates(serviceConfig, config, logger, lifecycle);
  const { consumers } = bus;
  const metrics = openServiceMetrics(USAGE_METRICS, {
    pools: { main: pool },
    consumers,
    tracing,
    certificates,
  });
  const interceptors = [measureCalls(metrics, USAGE_METRICS), ...traceCalls(tracing)];
  const serving = { ...grpcServerOptions('USAGE', config), observe, interceptors };
  const grpc = await startGrpcServer(serving, [bindService(services.usage, handlers)]);
  lifecycle.onClose('gRPC server', () => grpc.close());
  certificates.onChange((now) => grpc.renewTls(grpcServerOptions('USAGE', now).tls));

  const database = () => pool.query('select 1');
  lifecycle.onClose('health report', await reportHealth(grpc, { database }));
  const health = await startHealthServer(
    { host: config.HEALTH_HOST, port: config.HEALTH_PORT },
    { database, nats: () => bus.check() },
    { deadLetters: bus.deadLetters },
    metrics,
  );
  lifecycle.onClose('health server', () => health.close());

  logger.info({ grpcPort: grpc.port, healthPort: health.port }, 'listening');
  return logger;
});

function connectBus(config: ServiceConfig, tracing: Tracing | undefined, logger: Logger): Bus {
  const named = { ...natsOptions(config), name: 'hokusai-usage', publishTimeoutMs: 5000 };
  return openBus({ ...named, tracing, logger });
}

function storeFrom(bus: Bus, pool: Pool, partitions: ReturnType<typeof createPartitions>): void {
  bus.consume({
    ...CONSUMERS.usageIngest,
    // One batch is read while another is stored, and half as many messages wait their turn: together some 10 MB of
    // what gateways send, and 25 of the largest messages.
    batchSize: 30,
    lingerMs: 50,
    concurrency: 2,
    handle: ingestHandler(createIngestStore(pool, partitions)),
    isOutage: isTransientDatabaseError,
  });
  bus.consume({
    ...CONSUMERS.usageKeyProjection,
    batchSize: 200,
    lingerMs: 50,
    handle: keyEventsHandler(createKeyProjection(pool)),
    isOutage: isTransientDatabaseError,
  });
}

function openDatabase(config: ServiceConfig, tracing: Tracing | undefined, logger: Logger): Pool {
  return createPool({
    tracing,
    connectionString: config.USAGE_DATABASE_URL,
    max: config.USAGE_DATABASE_POOL,
    applicationName: 'hokusai-usage',
    onError: (error) => logger.warn({ err: error }, 'an idle database connection was lost'),
  });
}
