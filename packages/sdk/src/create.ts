import { userInfo } from 'node:os';
import { type ExperimentManagerConfig, type ResolvedConfig, resolveConfig } from './config/config.ts';
import { createHttpClient } from './http/client.ts';
import { systemClock, systemDelay } from './http/system.ts';
import { contextTags } from './manager/context-tags.ts';
import { systemExitWatch } from './manager/exit-watch.ts';
import { createMlflowManager } from './manager/manager.ts';
import { systemTimer } from './manager/timer.ts';
import { createMockExperimentManager } from './mock/mock-manager.ts';
import type { ExperimentManager } from './model/manager.ts';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * Configured by its argument, then by the environment, then by defaults; in memory in mock mode. Connects when the first
 * call is made. Throws a `ConfigurationError` that names every problem.
 */
export function createExperimentManager(config: ExperimentManagerConfig = {}): ExperimentManager {
  const resolved = resolveConfig(config, process.env);
  const { logger, mock, mockMode } = resolved;
  logger.info(
    mockMode ? 'Configured, in mock mode: nothing leaves this process' : 'Configured',
    resolved.describe(),
  );
  const tags = contextTags({ user: accountName(), script: process.argv[1] });
  if (mockMode) return createMockExperimentManager({ ...resolved, ...mock, contextTags: tags });
  if (isReadable(resolved))
    logger.warn('The credentials can be read on the way: the tracking URI begins with http:', {
      host: resolved.trackingUri.host,
    });
  return createSystemManager(resolved, tags);
}

/** Whoever is between here and the server can read the credentials. */
function isReadable({ trackingUri, credentials }: ResolvedConfig): boolean {
  return (
    credentials.kind !== 'none' && trackingUri.protocol === 'http:' && !LOOPBACK.test(trackingUri.hostname)
  );
}

function createSystemManager(
  config: ResolvedConfig,
  tags: Readonly<Record<string, string>>,
): ExperimentManager {
  const { logger } = config;
  const http = createHttpClient(config, {
    clock: systemClock,
    delay: systemDelay,
    random: Math.random,
    logger,
  });
  return createMlflowManager(config, http, {
    clock: systemClock,
    setTimer: systemTimer,
    exitWatch: systemExitWatch,
    contextTags: tags,
  });
}

/** undefined: the account has none, as in some containers. */
function accountName(): string | undefined {
  try {
    return userInfo().username;
  } catch {
    return undefined;
  }
}
