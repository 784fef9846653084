/** Where traces go: the tracking URI, the experiment and the credentials that the manager has, too. */
import { createCalls } from '../api/calls.ts';
import { createExperiments } from '../api/experiments.ts';
import type { Environment, ExperimentManagerConfig, ResolvedConfig } from '../config/config.ts';
import { resolveConfig } from '../config/config.ts';
import type { HttpClient } from '../http/client.ts';

export interface TraceDestinationConfig extends ExperimentManagerConfig {
  /**
   * Of the traces. If absent: the one named by `experimentName` or `MLFLOW_EXPERIMENT_NAME`, made if there is none; else
   * `MLFLOW_EXPERIMENT_ID`, which `@mlflow/core` reads, too; else MLflow's `Default`.
   */
  experimentId?: string;
}

/** MLflow's `Default`. */
const DEFAULT_EXPERIMENT_ID = '0';

export interface Destination {
  config: ResolvedConfig;
  /** Asks the server: it has to be there, let the credentials in, and have the experiment. Once, at the beginning. */
  experimentId(openClient: (config: ResolvedConfig) => HttpClient): Promise<string>;
}

/** Throws a `ConfigurationError`. */
export function destinationOf(
  { experimentId: givenId, ...settings }: TraceDestinationConfig,
  env: Environment,
): Destination {
  const config = resolveConfig(settings, env);
  const experimentId = async (openClient: (config: ResolvedConfig) => HttpClient) => {
    const http = openClient(config);
    try {
      const experiments = createExperiments(createCalls(http));
      const name = givenId === undefined ? config.experimentName : undefined;
      const found =
        name === undefined
          ? experiments.get(givenId ?? (env['MLFLOW_EXPERIMENT_ID'] || DEFAULT_EXPERIMENT_ID))
          : experiments.getOrCreate(name);
      return (await found).experimentId;
    } finally {
      http.close();
    }
  };
  return { config, experimentId };
}

/** The tracking URI as text, without a slash at its end. */
export function trackingUriOf({ trackingUri }: ResolvedConfig): string {
  return trackingUri.href.replace(/\/+$/, '');
}
