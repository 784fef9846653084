import type { Environment, ResolvedConfig } from '../config/config.ts';
import { ConfigurationError } from '../errors/errors.ts';
import type { HttpClient } from '../http/client.ts';
import { packageConflicts } from './conflicts.ts';
import { packageCredentials } from './credentials.ts';
import { destinationOf, type TraceDestinationConfig, trackingUriOf } from './destination.ts';
import { checkPackage, loadPackage, type TracingPackage } from './package.ts';

export interface TracingConfig extends TraceDestinationConfig {
  /** `await import('@mlflow/core')`; looked for where this SDK is installed if absent. */
  mlflow?: TracingPackage;
}

/** Traces of this process, which `@mlflow/core` records: `trace`, `withSpan` and the like are to be had from there. */
export interface Tracing {
  /** False in mock mode: nothing is recorded, and nothing leaves the process. */
  readonly isActive: boolean;
  /** Where the traces are; null if they aren't recorded. */
  readonly experimentId: string | null;
  /**
   * Waits until all traces that have ended are sent, or with `MLFLOW_ENABLE_ASYNC_TRACE_LOGGING` in the queue of the process
   * that sends them. `@mlflow/core` prints what it can't send, and goes on.
   */
  flush(): Promise<void>;
}

export interface TracingDependencies {
  env: Environment;
  openClient: (config: ResolvedConfig) => HttpClient;
  /** `import()`. */
  load: (name: string) => Promise<unknown>;
}

/** Sets `@mlflow/core` up with what the manager is configured with. Once per process. */
export async function startTracing(
  { mlflow, ...settings }: TracingConfig,
  { env, openClient, load }: TracingDependencies,
): Promise<Tracing> {
  const destination = destinationOf(settings, env);
  const { config } = destination;
  if (config.mockMode) return { isActive: false, experimentId: null, flush: () => Promise.resolve() };
  const tracingPackage = mlflow ? checkPackage('mlflow', mlflow) : await loadPackage(load);
  const conflicts = packageConflicts(config, env);
  if (conflicts.length > 0) throw new ConfigurationError(conflicts);
  const experimentId = await destination.experimentId(openClient);
  tracingPackage.init({ trackingUri: trackingUriOf(config), experimentId, ...packageCredentials(config) });
  config.logger.info('Traces are recorded', { experimentId });
  return { isActive: true, experimentId, flush: () => tracingPackage.flushTraces() };
}
