/** The keys service. */
import { services } from '@hokusai/contracts';
import {
  bindService,
  createLogger,
  createPool,
  followCertificates,
  grpcClientOptions,
  grpcServerOptions,
  type HealthCheck,
  type Lifecycle,
  type Logger,
  listenToPostgres,
  logFailedCalls,
  type Metrics,
  measureCalls,
  natsOptions,
  openTracing,
  type Pool,
  repeat,
  reportHealth,
  runService,
  startGrpcServer,
  startHealthServer,
  systemClock,
  type Tracing,
  traceCalls,
} from '@hokusai/service-kit';
import { ensureFirstAdminKey } from './application/bootstrap-admin.ts';
import { createKeyManagement } from './application/key-management.ts';
import { createListWitnesses } from './application/list-witnesses.ts';
import { createUserManagement } from './application/users/user-management.ts';
import { createValidateKey } from './application/validate-key.ts';
import { hostUser } from './bootstrap/host-user.ts';
import { draftKeyFile } from './bootstrap/key-file.ts';
import { type ServiceConfig, serviceConfig } from './config.ts';
import { GATEWAYS_CHANNEL, KEY_CHANGES_CHANNEL, OUTBOX_CHANNEL } from './domain/channels.ts';
import { type OpenEvents, openEvents } from './events/open.ts';
import { startSweeper } from './expiry/sweeper.ts';
import { followHandler } from './follow/handler.ts';
import { openChangeFeed } from './follow/open.ts';
import { Receipts } from './follow/receipts.ts';
import { readRoster } from './follow/roster.ts';
import { managementHandlers } from './grpc/management.ts';
import { userHandlers } from './grpc/users.ts';
import { validationHandlers } from './grpc/validation.ts';
import { witnessHandlers } from './grpc/witness.ts';
import { createProver } from './hashing/prover.ts';
import { createIssuing } from './issuing.ts';
import { createBootstrapStore } from './storage/bootstrap-store.ts';
import { createExpiryStore } from './storage/expiry-store.ts';
import { createKeyStore } from './storage/key-store.ts';
import { upgradeSecret } from './storage/secret-upgrade.ts';
import { createStateReader } from './storage/state-reader.ts';
import { createUserStore } from './storage/user-store.ts';
import { createWitnessStore } from './storage/witness-store.ts';
import { KEYS_METRICS } from './telemetry/definitions.ts';
import { openMetrics } from './telemetry/readings.ts';

/** Gateways wait for two seconds: a later answer is of no use to them. */
const STATE_STATEMENT_LIMIT_MS = 2000;
/** An hour of them at a time comes due. */
const WITNESS_THINNING_MS = 60_000;
/** States are read in a millisecond or so. */
const STATE_POOL = 10;

runService(serviceConfig, async (config, lifecycle) => {
  const logger = createLogger({ service: 'keys', level: config.LOG_LEVEL });
  const certificates = followCertificates(serviceConfig, config, logger, lifecycle);
  const tracing = openTracing('keys', config, logger, lifecycle);
  const { pool, statePool } = openDatabase(config, tracing, logger, lifecycle);
  const issuing = createIssuing(config);
  const limits = issuing.policy.defaultLimits;
  const reader = createStateReader(statePool, limits);

  const prover = createProver({
    ...issuing,
    upgrade: (secret, upgrade) => upgradeSecret(pool, secret, upgrade),
    onUpgradeError: (err) => logger.warn({ err }, "a secret's hash could not be renewed"),
  });
  lifecycle.onClose('hashing', () => prover.settled());

  await makeFirstAdminKey({ config, issuing, pool, logger });

  const receipts = new Receipts({ readRoster: () => readRoster(statePool), clock: systemClock });
  const { management, users, listWitnesses } = createUseCases(issuing, pool, receipts);

  const audit = grpcClientOptions('AUDIT', config, certificates.now);
  const events = openEvents({ nats: natsOptions(config), audit, pool, tracing, logger });
  lifecycle.onClose('events', () => events.close());
  startHousekeeping({ config, issuing, pool, logger }, lifecycle);
  const follow = openChangeFeed({ databaseUrl: config.KEYS_DATABASE_URL, clock: systemClock, logger });

  const metrics = openMetrics({
    ...issuing,
    events,
    ...follow,
    tracing,
    certificates,
    pools: { management: pool, states: statePool },
  });

  const observe = logFailedCalls(logger);
  const interceptors = [measureCalls(metrics, KEYS_METRICS), ...traceCalls(tracing)];
  const grpc = await startGrpcServer({ ...grpcServerOptions('KEYS', config), observe, interceptors }, [
    bindService(services.keyValidation, {
      ...validationHandlers({ validateKey: createValidateKey(reader, prover.prove), ...reader }, observe),
      Follow: followHandler(follow.feed, observe),
    }),
    bindService(services.keyManagement, managementHandlers(management, observe)),
    bindService(services.userManagement, userHandlers(users, observe)),
    bindService(services.auditWitness, witnessHandlers(listWitnesses, observe)),
  ]);
  certificates.onChange((now) => grpc.renewTls(grpcServerOptions('KEYS', now).tls));
  lifecycle.onClose('gRPC', () => grpc.close());
  // Closed before the server, which would wait for the streams to end.
  lifecycle.onClose('follow', () => follow.close());

  listenToDatabase(config, logger, lifecycle, {
    [KEY_CHANGES_CHANNEL]: () => follow.feed.wake(),
    [OUTBOX_CHANNEL]: events.wake,
    [GATEWAYS_CHANNEL]: () => receipts.wake(),
  });

  // NATS is no part of it: keys are managed and validated without it.
  const checks = { database: () => reader.readState('') };
  lifecycle.onClose('health report', await reportHealth(grpc, checks));
  logger.info({ port: grpc.port }, 'gRPC is listening');

  await serveHealth(config, { checks, events, metrics, logger }, lifecycle);
  return logger;
});

/** What is done about keys and users. */
function createUseCases(issuing: ReturnType<typeof createIssuing>, pool: Pool, receipts: Receipts) {
  const limits = issuing.policy.defaultLimits;
  const store = createKeyStore(pool, limits);
  return {
    management: createKeyManagement({
      ...issuing,
      store,
      awaitReceipt: (point, signal) => receipts.waitFor(point, signal),
    }),
    users: createUserManagement({ ...issuing, store: createUserStore(pool, limits) }),
    listWitnesses: createListWitnesses({ ...issuing, store, witnesses: createWitnessStore(pool) }),
  };
}

interface ServedHealth {
  checks: Readonly<Record<string, HealthCheck>>;
  events: OpenEvents;
  metrics: Metrics;
  logger: Logger;
}

/** To be called last, as whoever waits for it takes the rest for ready. */
async function serveHealth(
  { HEALTH_HOST: host, HEALTH_PORT: port }: ServiceConfig,
  { checks, events, metrics, logger }: ServedHealth,
  lifecycle: Lifecycle,
): Promise<void> {
  const alarms = { outbox: events.alarm, deadLetters: events.deadLetters };
  const health = await startHealthServer({ host, port }, checks, alarms, metrics);
  lifecycle.onClose('health', () => health.close());
  logger.info({ healthPort: health.port }, 'health is listening');
}

/** What gateways ask has connections of its own, so that no slow work of management can hold it up. */
function openDatabase(
  config: ServiceConfig,
  tracing: Tracing | undefined,
  logger: Logger,
  lifecycle: Lifecycle,
) {
  const common = {
    tracing,
    connectionString: config.KEYS_DATABASE_URL,
    onError: (err: Error) => logger.warn({ err }, 'a database connection broke'),
  };
  const pool = createPool({ ...common, max: config.KEYS_DATABASE_POOL, applicationName: 'hokusai-keys' });
  const statePool = createPool({
    ...common,
    max: STATE_POOL,
    applicationName: 'hokusai-keys-state',
    queryTimeoutMs: STATE_STATEMENT_LIMIT_MS,
  });
  lifecycle.onClose('database', () => Promise.all([pool.end(), statePool.end()]));
  return { pool, statePool };
}

function listenToDatabase(
  config: ServiceConfig,
  logger: Logger,
  lifecycle: Lifecycle,
  channels: Record<string, () => void>,
): void {
  const listener = listenToPostgres({
    connectionString: config.KEYS_DATABASE_URL,
    applicationName: 'hokusai-keys-listen',
    channels,
    onError: (err) => logger.warn({ err }, 'notifications of the database are not heard at the moment'),
  });
  lifecycle.onClose('listener', () => listener.close());
}

/** What time alone asks for. */
function startHousekeeping({ config, issuing, pool, logger }: OnDatabaseOptions, lifecycle: Lifecycle): void {
  const sweeper = startSweeper({
    store: createExpiryStore(pool, issuing.policy.defaultLimits),
    events: issuing.events,
    intervalMs: config.EXPIRY_SWEEP_SECONDS * 1000,
    logger,
  });
  lifecycle.onClose('expiry', () => sweeper.close());
  const thinning = repeat({
    name: 'thinning of old witnesses',
    turn: createWitnessStore(pool).thinWitnesses,
    idleMs: WITNESS_THINNING_MS,
    retryMs: WITNESS_THINNING_MS,
    logger,
  });
  lifecycle.onClose('thinning', () => thinning.close());
}

interface OnDatabaseOptions {
  config: ServiceConfig;
  issuing: ReturnType<typeof createIssuing>;
  pool: Pool;
  logger: Logger;
}

async function makeFirstAdminKey({ config, issuing, pool, logger }: OnDatabaseOptions): Promise<void> {
  const file = config.BOOTSTRAP_ADMIN_KEY_FILE;
  if (file === undefined) return;
  const limits = issuing.policy.defaultLimits;
  const issued = await ensureFirstAdminKey({
    ...issuing,
    store: createBootstrapStore(pool, limits),
    limits,
    draft: (key) => draftKeyFile(file, key),
    by: hostUser(config.SUDO_USER),
    reason: 'first start',
  });
  if (issued) logger.info({ ...issued, file }, 'made the first admin key');
}
