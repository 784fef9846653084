/** What the gateway talks to, opened from the configuration, and closed in reverse order. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createServiceClient, services } from '@hokusai/contracts';
import {
  type CurrentCertificates,
  createRedis,
  grpcClientOptions,
  type HealthCheck,
  type Lifecycle,
  type Logger,
  natsOptions,
  openBus,
  systemClock,
  tlsClientOptions,
} from '@hokusai/service-kit';
import { type Authentication, createAuthentication } from './cache/index.ts';
import { type GatewayConfig, gatewayConfig } from './config.ts';
import type { QuotaReporter, RefusalReporter, SignInReporter } from './domain/ports.ts';
import { createAuditReporter, type RunningAuditReporter } from './events/audit-reporter.ts';
import { createQuotaReporter } from './events/quota-reporter.ts';
import { spoolDirectory } from './events/spool/directory.ts';
import { systemTimers } from './events/timers.ts';
import { createUsageRecorder, type RunningUsageRecorder } from './events/usage-recorder.ts';
import type {
  AuditClient,
  KeyManagementClient,
  UsageClient,
  UserManagementClient,
  WitnessClient,
} from './http/api/service-calls.ts';
import { CutOff } from './http/cut-off.ts';
import type { RunningRequests } from './http/running-requests.ts';
import { createLimits, type Limits } from './limits/index.ts';

/** How this process is known to the other services. */
export interface Identity {
  /** New at each start. */
  incarnation: string;
  /** For people. */
  gateway: string;
}

const KEYS_TIMEOUT_MS = 5000;
/** Sums over years take longer than questions about keys. */
const ANSWERS_TIMEOUT_MS = 15_000;
const REDIS_TIMEOUT_MS = 200;
const PUBLISH_TIMEOUT_MS = 5000;
const EVENTS_GRACE_MS = 3000;
/** How often an outage that goes on is logged. */
const REDIS_WARNING_INTERVAL_MS = 60_000;

/** Usage and audit events, on their way to the event bus. */
export function openEvents(
  config: GatewayConfig,
  self: Identity,
  logger: Logger,
  lifecycle: Lifecycle,
): {
  usage: RunningUsageRecorder;
  audit: RunningAuditReporter;
  reports: { refusals: RefusalReporter; signIns: SignInReporter };
  quota: QuotaReporter;
} {
  const name = `hokusai-gateway ${self.gateway}`;
  const bus = openBus({ ...natsOptions(config), name, publishTimeoutMs: PUBLISH_TIMEOUT_MS, logger });
  lifecycle.onClose('event bus', () => bus.close());
  const common = { bus, clock: systemClock, timers: systemTimers, logger };
  const named = { ...common, gateway: self.gateway, randomUuid: randomUUID };
  const quota = createQuotaReporter(named);
  lifecycle.onClose('notices of limits', () => quota.close(EVENTS_GRACE_MS));
  const spoolIn = (path: string, maxBytes: number) => ({ directory: spoolDirectory(path), maxBytes });
  const { USAGE_SPOOL_DIR: spoolPath } = config;
  const audit = createAuditReporter({
    ...named,
    ...self,
    host: hostname(),
    spool: spoolPath ? spoolIn(join(spoolPath, 'audit'), config.AUDIT_SPOOL_MAX_BYTES) : undefined,
  });
  audit.started(gatewayConfig.describe(config));
  lifecycle.onClose('audit events', () => {
    audit.stopped();
    return audit.close(EVENTS_GRACE_MS);
  });
  const usage = createUsageRecorder({
    ...common,
    ...self,
    flushMs: config.USAGE_FLUSH_MS,
    flushEvents: config.USAGE_FLUSH_EVENTS,
    spool: spoolPath ? spoolIn(spoolPath, config.USAGE_SPOOL_MAX_BYTES) : undefined,
  });
  lifecycle.onClose('usage', () => usage.close(EVENTS_GRACE_MS));
  return { usage, audit, reports: { refusals: audit, signIns: audit }, quota };
}

/** Authentication by the keys service and its caches, following changes from now on; and key management. */
export function openKeys(
  config: GatewayConfig,
  certificates: Pick<CurrentCertificates<GatewayConfig>, 'now'>,
  self: Identity,
  logger: Logger,
  lifecycle: Lifecycle,
): {
  authentication: Authentication;
  management: { keys: KeyManagementClient; users: UserManagementClient; witnesses: WitnessClient };
} {
  const address = grpcClientOptions('KEYS', config, certificates.now);
  const peer = { ...address, peer: 'keys service', timeoutMs: KEYS_TIMEOUT_MS };
  const keyValidation = createServiceClient(services.keyValidation, peer);
  lifecycle.onClose('key validation', () => keyValidation.close());
  const keys = createServiceClient(services.keyManagement, peer);
  lifecycle.onClose('key management', () => keys.close());
  const users = createServiceClient(services.userManagement, peer);
  lifecycle.onClose('user management', () => users.close());
  const witnesses = createServiceClient(services.auditWitness, peer);
  lifecycle.onClose('witnesses', () => witnesses.close());
  const redis = createRedis({
    ...redisOptions(config),
    ...tellingOfOutages(logger, 'Redis is away: keys are read from the keys service'),
  });
  lifecycle.onClose('Redis', () => redis.disconnect());
  const authentication = createAuthentication({
    keysClient: keyValidation,
    redis,
    tagRing: config.KEY_TAG_SECRETS,
    cacheRing: config.CACHE_SECRETS,
    clock: systemClock,
    logger,
    settings: {
      ...self,
      redisTimeoutMs: REDIS_TIMEOUT_MS,
      stateTtlMs: config.KEY_STATE_TTL_SECONDS * 1000,
      negativeTtlMs: config.KEY_NEGATIVE_TTL_SECONDS * 1000,
      followStaleMs: config.FOLLOW_STALE_SECONDS * 1000,
      outageGraceMs: config.OUTAGE_GRACE_SECONDS * 1000,
      authFailuresPerMinute: config.AUTH_FAILURES_PER_MINUTE,
    },
  });
  authentication.start();
  lifecycle.onClose('authentication', () => authentication.close());
  return { authentication, management: { keys, users, witnesses } };
}

/** What was used and what was done, as the services know it. Nothing but operations on these needs them. */
export function openAnswers(
  config: GatewayConfig,
  { now }: Pick<CurrentCertificates<GatewayConfig>, 'now'>,
  lifecycle: Lifecycle,
): { usage: UsageClient; audit: AuditClient } {
  const timeoutMs = ANSWERS_TIMEOUT_MS;
  const usagePeer = { ...grpcClientOptions('USAGE', config, now), peer: 'usage service', timeoutMs };
  const usage = createServiceClient(services.usage, usagePeer);
  lifecycle.onClose('usage answers', () => usage.close());
  const auditPeer = { ...grpcClientOptions('AUDIT', config, now), peer: 'audit service', timeoutMs };
  const audit = createServiceClient(services.audit, auditPeer);
  lifecycle.onClose('audit answers', () => audit.close());
  return { usage, audit };
}

function redisOptions(config: GatewayConfig) {
  return { url: config.REDIS_URL, tls: tlsClientOptions('REDIS', config) };
}

/** Rate limits, shared with the other gateways through Redis; they work without it too. */
export async function openLimits(
  config: GatewayConfig,
  self: Identity,
  quota: QuotaReporter,
  logger: Logger,
  lifecycle: Lifecycle,
): Promise<Limits> {
  const redis = createRedis({
    ...redisOptions(config),
    ...tellingOfOutages(logger, 'Redis is away: limits are decided without it'),
  });
  lifecycle.onClose('Redis for limits', () => redis.disconnect());
  const limits = createLimits({
    redis,
    quota,
    logger,
    timeoutMs: REDIS_TIMEOUT_MS,
    onRedisLoss: config.RATE_LIMIT_ON_REDIS_LOSS,
    self: self.incarnation,
    clock: systemClock,
  });
  await limits.start();
  lifecycle.onClose('limits', () => limits.close());
  return limits;
}

/** Fails while changes of keys are not heard of: then only what the keys service is asked for can be known. */
export function followingCheck(authentication: Pick<Authentication, 'following'>): HealthCheck {
  return () => {
    const isFollowing = authentication.following();
    return isFollowing ? Promise.resolve() : Promise.reject(new Error('does not follow the keys service'));
  };
}

/** Ends requests under way when a change stops their key, or its time has come. */
export function openCutOff(
  config: GatewayConfig,
  { stateOf, tellChanges }: Authentication,
  running: RunningRequests,
  logger: Logger,
  lifecycle: Lifecycle,
): void {
  const cutOff = new CutOff({
    running,
    stateOf: (keyId) => stateOf(keyId, randomUUID()),
    patienceMs: config.FOLLOW_STALE_SECONDS * 1000,
    clock: systemClock,
    logger,
  });
  tellChanges(cutOff);
  lifecycle.onClose('cutting off', () => cutOff.close());
}

/**
 * Reconnecting fails once a second while Redis is away: the first time says it, then once in a while; and so does
 * its coming back.
 */
function tellingOfOutages(
  logger: Logger,
  message: string,
): { onError: (error: Error) => void; onReady: () => void } {
  let warnedAtMs: number | undefined;
  return {
    onError: (error) => {
      const nowMs = systemClock.monotonic();
      if (warnedAtMs !== undefined && nowMs - warnedAtMs < REDIS_WARNING_INTERVAL_MS) return;
      warnedAtMs = nowMs;
      logger.warn({ err: error }, message);
    },
    onReady: () => {
      if (warnedAtMs !== undefined) logger.info('Redis is back');
      warnedAtMs = undefined;
    },
  };
}
