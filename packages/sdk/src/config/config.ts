import { ConfigurationError } from '../errors/errors.ts';
import { describeConfig } from './describe.ts';
import { isLogger, silentLogger, unfailing } from './logger.ts';
import { readCredentials } from './read-credentials.ts';
import { SettingReader } from './setting-reader.ts';
import { SETTINGS } from './settings.ts';
import type { Environment, ExperimentManagerConfig, ResolvedConfig, SettingName } from './types.ts';

export type * from './types.ts';

const CREDENTIALS = ['username', 'password', 'token', 'apiKey'];
const NAMES: readonly string[] = [...Object.keys(SETTINGS), ...CREDENTIALS, 'logger', 'mock'];

/** Reads the argument, then the environment, then the defaults. Throws one `ConfigurationError` that names every problem. */
export function resolveConfig(input: ExperimentManagerConfig, env: Environment): ResolvedConfig {
  if (typeof input !== 'object' || input === null || Array.isArray(input))
    throw new ConfigurationError(['the argument must be an object of settings, such as { trackingUri }']);
  const reader = new SettingReader(input, env);
  const settings = readSettings(reader);
  const { credentials, source } = readCredentials(reader);
  for (const name of Object.keys(input))
    if (!NAMES.includes(name)) reader.problems.push(`${name} is no setting; there are ${NAMES.join(', ')}`);
  if (input.logger !== undefined && !isLogger(input.logger))
    reader.problems.push('logger must have the functions debug, info, warn and error');
  if (reader.problems.length > 0) throw new ConfigurationError(reader.problems);
  const sources = { ...reader.sources, credentials: source } as ResolvedConfig['sources'];
  const resolved = { ...settings, credentials, sources };
  return {
    ...resolved,
    logger: unfailing(input.logger ?? silentLogger),
    mock: input.mock ?? {},
    describe: () => describeConfig(resolved),
  };
}

function readSettings(reader: SettingReader): Pick<ResolvedConfig, SettingName> {
  return {
    // A copy: URLs can be changed.
    trackingUri: new URL(reader.read('trackingUri', SETTINGS.trackingUri)),
    experimentName: reader.read('experimentName', SETTINGS.experimentName),
    timeoutMs: reader.read('timeoutMs', SETTINGS.timeoutMs),
    maxRetries: reader.read('maxRetries', SETTINGS.maxRetries),
    retryBudgetMs: reader.read('retryBudgetMs', SETTINGS.retryBudgetMs),
    maxRetryAfterMs: reader.read('maxRetryAfterMs', SETTINGS.maxRetryAfterMs),
    mockMode: reader.read('mockMode', SETTINGS.mockMode),
    metricsBufferSize: reader.read('metricsBufferSize', SETTINGS.metricsBufferSize),
    metricsFlushMs: reader.read('metricsFlushMs', SETTINGS.metricsFlushMs),
  };
}
