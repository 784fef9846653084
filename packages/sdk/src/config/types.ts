import type { MockOptions } from '../mock/options.ts';
import type { Credentials } from './credentials.ts';
import type { Logger } from './logger.ts';

/** What `createExperimentManager` takes. Whatever is absent comes from the environment, then from the defaults. */
export interface ExperimentManagerConfig {
  /** `MLFLOW_TRACKING_URI`; `https://registry.hokus.ai/mlflow` if absent. With its path prefix, without credentials. */
  trackingUri?: string;
  /** `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`: Basic. Both or neither. */
  username?: string;
  password?: string;
  /** `MLFLOW_TRACKING_TOKEN`: Bearer. */
  token?: string;
  /** `HOKUSAI_API_KEY`: Bearer, too. */
  apiKey?: string;
  /** `MLFLOW_EXPERIMENT_NAME`: of runs that name no experiment; MLflow's `Default` if absent. */
  experimentName?: string;
  /** Of one attempt at a call; of silence while a file goes or comes. `MLFLOW_HTTP_REQUEST_TIMEOUT`, in seconds. */
  timeoutMs?: number;
  /** Attempts after the first. `MLFLOW_HTTP_REQUEST_MAX_RETRIES`. */
  maxRetries?: number;
  /** Of a call with all of its attempts and waits: none begins after it; the last may take its `timeoutMs`. `HOKUSAI_RETRY_BUDGET_MS`. */
  retryBudgetMs?: number;
  /** The longest `Retry-After` to wait for; beyond it the call fails at once. `HOKUSAI_MAX_RETRY_AFTER_MS`. */
  maxRetryAfterMs?: number;
  /** In memory, no server. `HOKUSAI_MOCK_MODE`. */
  mockMode?: boolean;
  /** Metrics of a run that wait at most, before `logMetric` waits. `HOKUSAI_METRICS_BUFFER_SIZE`. */
  metricsBufferSize?: number;
  /** How long a metric waits at most before it is sent. `HOKUSAI_METRICS_FLUSH_MS`. */
  metricsFlushMs?: number;
  /** Silent if absent. */
  logger?: Logger;
  /** Of mock mode only. */
  mock?: MockOptions;
}

/** Where a setting's value is from: the argument, the environment variable of that name, or the default. */
export type Source = 'argument' | 'default' | { variable: string };

export type SettingName = Exclude<
  keyof ExperimentManagerConfig,
  'username' | 'password' | 'token' | 'apiKey' | 'logger' | 'mock'
>;

export interface ResolvedConfig {
  /** Without a trailing slash in its path, without credentials, query and fragment. */
  readonly trackingUri: URL;
  readonly credentials: Credentials;
  readonly experimentName: string | undefined;
  readonly timeoutMs: number;
  readonly maxRetries: number;
  readonly retryBudgetMs: number;
  readonly maxRetryAfterMs: number;
  readonly mockMode: boolean;
  readonly metricsBufferSize: number;
  readonly metricsFlushMs: number;
  readonly logger: Logger;
  readonly mock: MockOptions;
  readonly sources: Readonly<Record<SettingName | 'credentials', Source>>;
  /** Each setting with where it is from, for people; no secret. */
  describe(): Record<string, string>;
}

export type Environment = Readonly<Record<string, string | undefined>>;
