/** The gateway: the public door in front of MLflow and of the management of keys. */
import { randomBytes, randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  type CurrentCertificates,
  collectInOneThread,
  createLogger,
  followCertificates,
  type Lifecycle,
  type Logger,
  listenAt,
  openLineOutput,
  runWorkers,
  type ServingProcess,
  systemClock,
} from '@hokusai/service-kit';
import { followingCheck, openAnswers, openCutOff, openEvents, openKeys, openLimits } from './backends.ts';
import { type GatewayConfig, gatewayConfig } from './config.ts';
import { excludedPaths } from './domain/excluded-paths.ts';
import { ownOrigins } from './domain/own-origins.ts';
import { randomHexFrom, randomUuidFrom } from './domain/random-hex.ts';
import { createAccessLog } from './http/access-log.ts';
import { createApiDoor } from './http/api/app.ts';
import { createFail } from './http/fail.ts';
import { createGate } from './http/gate.ts';
import { judgementOf } from './http/observation.ts';
import { createRouter } from './http/router.ts';
import { RunningRequests } from './http/running-requests.ts';
import { createGatewayServer, type GatewayServer } from './http/server.ts';
import { stopServing } from './http/stop-serving.ts';
import { targetRules } from './http/target-rules.ts';
import type { PublicTls } from './http/tls.ts';
import { createUpstreamDoor } from './http/upstream-door.ts';
import { measureParts, openMetrics } from './telemetry/readings.ts';
import { measureRequests } from './telemetry/requests.ts';
import { openTraces } from './telemetry/traces.ts';
import { openUpstreams } from './upstreams.ts';

/** Of the 25 s that a service has to stop; a worker that was replaced has WORKER_DRAIN_MS. */
const REQUESTS_GRACE_MS = 15_000;

runWorkers({
  configuration: gatewayConfig,
  parent: (config) => ({
    service: 'gateway',
    workers: config.GATEWAY_WORKERS,
    logLevel: config.LOG_LEVEL,
    drainMs: config.WORKER_DRAIN_MS,
    health: { host: config.HEALTH_HOST, port: config.HEALTH_PORT },
  }),
  start: startGateway,
});

async function startGateway(
  config: GatewayConfig,
  lifecycle: Lifecycle,
  process: ServingProcess,
): Promise<Logger> {
  collectInOneThread();
  const { logger, accessLog, output } = openLog(config, process);
  const certificates = followCertificates(gatewayConfig, config, logger, lifecycle);
  const metrics = openMetrics(certificates);
  const isObserving = config.AUTH_MODE === 'observe';
  const self = { incarnation: randomUUID(), gateway: nameOf(config, process) };

  const { usage, audit, reports, quota } = openEvents(config, self, logger, lifecycle);
  const { authentication, management } = openKeys(config, certificates, self, logger, lifecycle);
  const running = new RunningRequests(isObserving ? Number.POSITIVE_INFINITY : config.KEY_MAX_IN_FLIGHT);
  if (config.CUT_OFF_STREAMS && !isObserving) openCutOff(config, authentication, running, logger, lifecycle);
  const upstreams = openUpstreams(config, running, logger, lifecycle);

  const limiter = await openLimits(config, self, quota, logger, lifecycle);

  const publicOrigins = new Set<string>();
  const { ALLOW_INSECURE_HTTP: allowInsecureHttp } = config;
  const gateOptions = { lookup: authentication.lookup, publicOrigins, allowInsecureHttp, ...reports };
  const gate = createGate(gateOptions);
  const fail = createFail(logger, usage, limiter, systemClock);
  const answers = openAnswers(config, certificates, lifecycle);
  const checks = { keys: followingCheck(authentication) };
  const shown = process.ofAll(checks);
  const gateway = createGatewayServer({
    router: createRouter({
      upstreams,
      upstreamDoor: createUpstreamDoor({
        ...judgementOf(config.AUTH_MODE, gateOptions, usage),
        fail,
        limiter,
        takesKeyInQuery: config.API_KEY_IN_QUERY,
        isExcluded: excludedPaths(config.EXCLUDED_PATHS),
        publicOrigins,
      }),
      apiDoor: createApiDoor({ gate, limiter, fail, ...management, ...reports, ...answers, checks: shown }),
    }),
    ...targetRules(upstreams),
    usage,
    accessLog,
    requests: measureRequests(metrics),
    traces: openTraces(config, metrics, logger, lifecycle),
    fail,
    trustedProxies: config.TRUSTED_PROXIES,
    tls: publicTls(config),
    clock: systemClock,
    ...newIds(),
    logger,
  });

  const port = await serve(gateway, config, certificates, lifecycle);
  for (const origin of config.PUBLIC_ORIGINS ?? originsOf(config, port)) publicOrigins.add(origin);
  measureParts(metrics, { authentication, limits: limiter, usage, audit, upstreams, output });
  const health = await process.serveHealth(healthAddress(config), checks, metrics);
  lifecycle.onClose('health server', () => health?.close());
  logger.info({ host: config.GATEWAY_HOST, port, healthPort: health?.port }, 'listening');
  return logger;
}

/** Of requests and traces. */
function newIds() {
  const randomHex = randomHexFrom(randomBytes);
  return { randomHex, newId: () => randomUuidFrom(randomHex) };
}

function healthAddress({ HEALTH_HOST: host, HEALTH_PORT: port }: GatewayConfig) {
  return { host, port };
}

function openLog(config: GatewayConfig, { number }: ServingProcess) {
  const { LOG_LEVEL, ACCESS_LOG } = config;
  const output = openLineOutput(1, number !== undefined);
  const destination = output.prompt;
  const logger = createLogger({ service: 'gateway', level: LOG_LEVEL, worker: number, destination });
  if ((number ?? 1) === 1) warnOfOpenness(config, logger);
  return { logger, output, accessLog: ACCESS_LOG ? createAccessLog(output, logger, number) : undefined };
}

/** Of what is allowed, and should be meant. To be said once. */
function warnOfOpenness({ AUTH_MODE, EXCLUDED_PATHS }: GatewayConfig, logger: Logger): void {
  if (AUTH_MODE === 'observe')
    logger.warn('nobody needs a key on the way to upstreams: who would be refused is counted (AUTH_MODE)');
  for (const path of EXCLUDED_PATHS)
    logger.warn({ path }, 'anyone who reaches the gateway may use this path without a key (EXCLUDED_PATHS)');
}

/** For people: the place of a process, whoever has it at the time. */
function nameOf({ GATEWAY_PORT }: GatewayConfig, { number }: ServingProcess): string {
  const address = `${hostname()}:${GATEWAY_PORT}`;
  return number === undefined ? address : `${address}/${number}`;
}

/** Until the service is closed. Returns the port. */
async function serve(
  gateway: GatewayServer,
  config: GatewayConfig,
  certificates: CurrentCertificates<GatewayConfig>,
  lifecycle: Lifecycle,
): Promise<number> {
  certificates.onChange((now) => gateway.renewTls(publicTls(now)));
  const address = { host: config.GATEWAY_HOST, port: config.GATEWAY_PORT };
  const port = await listenAt(gateway.server, address, 'GATEWAY');
  lifecycle.onClose('HTTP server', (hurry) =>
    stopServing(gateway, { idleMs: config.SHUTDOWN_IDLE_MS, graceMs: REQUESTS_GRACE_MS, hurry }),
  );
  return port;
}

function originsOf({ GATEWAY_HOST, GATEWAY_TLS_CERT }: GatewayConfig, port: number): string[] {
  return ownOrigins(GATEWAY_TLS_CERT ? 'https' : 'http', GATEWAY_HOST, port);
}

/** Undefined: clients come by plain HTTP. */
function publicTls(config: GatewayConfig): PublicTls | undefined {
  const { GATEWAY_TLS_CERT: certificate, GATEWAY_TLS_KEY: key, GATEWAY_HSTS_SECONDS: hstsSeconds } = config;
  return certificate && key ? { certificate, key, hstsSeconds } : undefined;
}
