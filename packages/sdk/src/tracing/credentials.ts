import type { Environment, ResolvedConfig } from '../config/config.ts';
import { ConfigurationError } from '../errors/errors.ts';

export interface PackageCredentials {
  trackingServerUsername?: string;
  trackingServerPassword?: string;
  trackingServerToken?: string;
}

/**
 * The credentials as options of `@mlflow/core`. It falls back to `MLFLOW_TRACKING_*` for each option by itself, and takes
 * Basic before Bearer (`createOssAuth` in its src/auth): throws a `ConfigurationError` where it would send others.
 */
export function packageCredentials(config: ResolvedConfig, env: Environment): PackageCredentials {
  const secret = config.credentials.reveal();
  const problems: string[] = [];
  const isPairSet = env['MLFLOW_TRACKING_USERNAME'] && env['MLFLOW_TRACKING_PASSWORD'];
  if (secret.kind === 'bearer' && isPairSet)
    problems.push(
      '@mlflow/core would send MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD in place of the token that was given: unset them',
    );
  if (secret.kind !== 'none' && isSentByAnotherProcess(env) && !isFromTrackingVariables(config))
    problems.push(
      'with MLFLOW_ENABLE_ASYNC_TRACE_LOGGING, @mlflow/core sends traces from a process of its own, which has credentials from MLFLOW_TRACKING_TOKEN (or _USERNAME and _PASSWORD) only: set these, or unset that',
    );
  if (problems.length > 0) throw new ConfigurationError(problems);
  if (secret.kind === 'bearer') return { trackingServerToken: secret.token };
  if (secret.kind === 'none') return {};
  return { trackingServerUsername: secret.username, trackingServerPassword: secret.password };
}

function isSentByAnotherProcess(env: Environment): boolean {
  return /^(1|true)$/i.test(env['MLFLOW_ENABLE_ASYNC_TRACE_LOGGING'] ?? '');
}

function isFromTrackingVariables({ sources: { credentials } }: ResolvedConfig): boolean {
  return typeof credentials === 'object' && credentials.variable.startsWith('MLFLOW_TRACKING_');
}
