/** The gateway: the public door in front of MLflow and of the management of keys. */
import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import {
  createLogger,
  openLineOutput,
  runService,
  startHealthServer,
  systemClock,
} from '@hokusai/service-kit';
import { followingCheck, openCutOff, openEvents, openKeys, openLimits, openMlflow } from './backends.ts';
import { type GatewayConfig, loadGatewayConfig } from './config.ts';
import { excludedPaths } from './domain/excluded-paths.ts';
import { ownOrigins } from './domain/own-origins.ts';
import { createAccessLog } from './http/access-log.ts';
import { createApiDoor } from './http/api/app.ts';
import { createFail } from './http/fail.ts';
import { createGate } from './http/gate.ts';
import { listen, stopServing } from './http/listen.ts';
import { createRouter } from './http/router.ts';
import { RunningRequests } from './http/running-requests.ts';
import { createGatewayServer } from './http/server.ts';
import { createUpstreamDoor } from './http/upstream-door.ts';

/** Of the 25 s that a service has to stop. */
const REQUESTS_GRACE_MS = 15_000;

runService(loadGatewayConfig, async (config, lifecycle) => {
  const output = openLineOutput();
  const logger = createLogger({ service: 'gateway', level: config.LOG_LEVEL, destination: output.prompt });
  const self = { incarnation: randomUUID(), gateway: `${hostname()}:${config.GATEWAY_PORT}` };

  const { usage, refusals } = openEvents(config, self, logger, lifecycle);
  const { authentication, keyManagement, userManagement } = openKeys(config, self, logger, lifecycle);
  const running = new RunningRequests(config.KEY_MAX_IN_FLIGHT);
  const mlflow = openMlflow(config, running, logger, lifecycle);

  const publicOrigins = new Set(config.PUBLIC_ORIGINS);
  const gate = createGate({
    lookup: authentication.lookup,
    refusals,
    publicOrigins,
    allowInsecureHttp: config.ALLOW_INSECURE_HTTP,
  });
  const fail = createFail(logger, usage, systemClock);
  const checks = { keys: followingCheck(authentication) };
  const gateway = createGatewayServer({
    router: createRouter({
      upstreams: [mlflow],
      upstreamDoor: createUpstreamDoor({
        gate,
        takesKeyInQuery: config.API_KEY_IN_QUERY,
        isExcluded: excludedPaths(config.EXCLUDED_PATHS),
        publicOrigins,
      }),
      apiDoor: createApiDoor({ gate, keys: keyManagement, users: userManagement, checks, fail }),
  if (config.CUT_OFF_STREAMS) openCutOff(config, authentication, running, logger, lifecycle);
    }),
    usage,
    accessLog: config.ACCESS_LOG ? createAccessLog(output, logger) : undefined,
    fail,
    trustedProxies: config.TRUSTED_PROXIES,
    clock: systemClock,
    newId: randomUUID,
    logger,
  });

  const port = await listen(gateway.server, config.GATEWAY_HOST, config.GATEWAY_PORT);
  lifecycle.onClose('HTTP server', () => stopServing(gateway, REQUESTS_GRACE_MS));
  if (!config.PUBLIC_ORIGINS)
    for (const origin of ownOrigins(config.GATEWAY_HOST, port)) publicOrigins.add(origin);
  const health = await startHealthServer({ host: config.HEALTH_HOST, port: config.HEALTH_PORT }, checks);
  lifecycle.onClose('health server', () => health.close());

  for (const path of config.EXCLUDED_PATHS)
    logger.warn({ path }, 'anyone who reaches the gateway may use this path without a key (EXCLUDED_PATHS)');
  logger.info({ host: config.GATEWAY_HOST, port, healthPort: health.port }, 'listening');
  return logger;
});
