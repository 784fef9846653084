import type { Environment, ResolvedConfig } from '../config/config.ts';

/** Below it, a number of `MLFLOW_HTTP_REQUEST_TIMEOUT` is one of seconds, as for this SDK and MLflow's Python client. */
const LEAST_TIMEOUT_MS = 1_000;

/**
 * What `@mlflow/core` would understand otherwise than this SDK, or not at all, and so lose traces or send them elsewhere: a
 * sentence for each, with what to do. It reads these variables itself, and no option goes before them.
 */
export function packageConflicts(config: ResolvedConfig, env: Environment): string[] {
  const { kind } = config.credentials.reveal();
  const problems: string[] = [];
  // It takes Basic before Bearer (`createOssAuth` in its src/auth).
  if (kind === 'bearer' && env['MLFLOW_TRACKING_USERNAME'] && env['MLFLOW_TRACKING_PASSWORD'])
    problems.push(
      '@mlflow/core would send MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD in place of the token that was given: unset them',
    );
  if (kind !== 'none' && isSentByAnotherProcess(env) && !isFromTrackingVariables(config))
    problems.push(
      'with MLFLOW_ENABLE_ASYNC_TRACE_LOGGING, @mlflow/core sends traces from a process of its own, which has credentials from MLFLOW_TRACKING_TOKEN (or _USERNAME and _PASSWORD) only: set these, or unset that',
    );
  const timeoutMs = packageTimeoutMs(env);
  if (timeoutMs > 0 && timeoutMs < LEAST_TIMEOUT_MS)
    problems.push(
      `@mlflow/core reads MLFLOW_HTTP_REQUEST_TIMEOUT in milliseconds, and would wait ${timeoutMs} of them for an answer: unset it, and give this SDK timeoutMs in its place`,
    );
  if (env['MLFLOW_WORKSPACE'])
    problems.push(
      '@mlflow/core would send traces to the workspace that MLFLOW_WORKSPACE names, and this SDK knows no workspaces: unset it',
    );
  return problems;
}

/** As the package reads it (`getDefaultTimeout` in its src/clients/utils); of what is no positive number it makes 30 s. */
function packageTimeoutMs(env: Environment): number {
  return Number.parseInt(env['MLFLOW_HTTP_REQUEST_TIMEOUT'] ?? '', 10);
}

function isSentByAnotherProcess(env: Environment): boolean {
  return /^(1|true)$/i.test(env['MLFLOW_ENABLE_ASYNC_TRACE_LOGGING'] ?? '');
}

function isFromTrackingVariables({ sources: { credentials } }: ResolvedConfig): boolean {
  return typeof credentials === 'object' && credentials.variable.startsWith('MLFLOW_TRACKING_');
}
