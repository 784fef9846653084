import { redact } from './redact.ts';

/** How a setting is read, from an argument of any type or from a variable's text. Both throw `Unusable`. */
export interface Setting<Value> {
  variable: string;
  /** For whoever sets it: a sentence, or part of one. */
  purpose: string;
  /** What the variable's text is. */
  kind: string;
  fromArgument(value: unknown): Value;
  fromText(text: string): Value;
  fallback: Value;
}

/** Why a value can't be used: the rest of a sentence that begins with the setting's name. */
export class Unusable extends Error {}

interface Range {
  variable: string;
  purpose: string;
  least: number;
  fallback: number;
  unit: string;
  /** Of the variable, if it differs: by how much its number is multiplied. */
  textUnit?: { unit: string; factor: number };
}

const YES = ['true', '1', 'yes', 'on'];
const NO = ['false', '0', 'no', 'off'];
/** The longest that a timer of Node.js waits. */
const LONGEST = 2 ** 31 - 1;
const DEFAULT_TRACKING_URI = 'https://registry.hokus.ai/mlflow';

function integer({ variable, purpose, least, fallback, unit, textUnit }: Range): Setting<number> {
  const factor = textUnit?.factor ?? 1;
  return {
    variable,
    purpose,
    kind: `a number of ${textUnit?.unit ?? unit}`,
    fallback,
    fromArgument(value) {
      if (Number.isInteger(value) && (value as number) >= least && (value as number) <= LONGEST)
        return value as number;
      throw new Unusable(`is ${shown(value)} and must be a whole number of ${unit} from ${least} on`);
    },
    fromText(text) {
      const value = /^\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * factor) : Number.NaN;
      if (value >= least && value <= LONGEST && (factor > 1 || Number.isInteger(Number(text)))) return value;
      throw new Unusable(
        `is ${shown(text)} and must be a number of ${textUnit?.unit ?? unit} from ${least / factor} on`,
      );
    },
  };
}

function shown(value: unknown): string {
  return typeof value === 'string' ? `"${redact(value).slice(0, 60)}"` : String(value);
}

function readTrackingUri(text: string): URL {
  if (/\bhk_(live|test)_/.test(text))
    throw new Unusable('holds an API key, which belongs in MLFLOW_TRACKING_TOKEN');
  const scheme = /^[a-z][a-z0-9+.-]*(?=:)/i.exec(text)?.[0].toLowerCase();
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new Unusable(
      scheme === undefined || url === null
        ? // Its text is not repeated: where it holds a password can't be told.
          `is no address; it must be one such as ${DEFAULT_TRACKING_URI}`
        : `begins with ${scheme}: and must begin with https:// or http://: this SDK talks to MLflow servers only`,
    );
  if (url.username !== '' || url.password !== '')
    throw new Unusable(
      'holds a user name or password; give them as username and password, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD',
    );
  if (url.search !== '' || url.hash !== '') throw new Unusable('must end with its path, without ? and #');
  url.pathname = url.pathname.replace(/\/+$/, '');
  return url;
}

const trackingUri: Setting<URL> = {
  variable: 'MLFLOW_TRACKING_URI',
  purpose: 'The server, with the path that MLflow is at: that of a gateway ends with `/mlflow`.',
  kind: 'a URL, https:// or http://',
  fallback: new URL(DEFAULT_TRACKING_URI),
  fromText: readTrackingUri,
  fromArgument(value) {
    if (typeof value === 'string') return readTrackingUri(value);
    if (value instanceof URL) return readTrackingUri(value.href);
    throw new Unusable(`is ${shown(value)} and must be text`);
  },
};

const experimentName: Setting<string | undefined> = {
  variable: 'MLFLOW_EXPERIMENT_NAME',
  purpose: "Experiment of runs that name none; MLflow's `Default` if absent.",
  kind: 'text',
  fallback: undefined,
  fromText: (text) => text,
  fromArgument(value) {
    if (typeof value === 'string' && value !== '') return value;
    throw new Unusable(`is ${shown(value)} and must be text that is not empty`);
  },
};

const mockMode: Setting<boolean> = {
  variable: 'HOKUSAI_MOCK_MODE',
  purpose: 'Keep everything in memory, with no server.',
  kind: 'true or false',
  fallback: false,
  fromText(text) {
    if (YES.includes(text.toLowerCase())) return true;
    if (NO.includes(text.toLowerCase())) return false;
    throw new Unusable(`is ${shown(text)} and must be true or false`);
  },
  fromArgument(value) {
    if (typeof value === 'boolean') return value;
    throw new Unusable(`is ${shown(value)} and must be true or false`);
  },
};

export const SETTINGS = {
  trackingUri,
  experimentName,
  mockMode,
  timeoutMs: integer({
    variable: 'MLFLOW_HTTP_REQUEST_TIMEOUT',
    purpose: 'Of one attempt.',
    least: 1,
    fallback: 60_000,
    unit: 'milliseconds',
    textUnit: { unit: 'seconds', factor: 1000 },
  }),
  maxRetries: integer({
    variable: 'MLFLOW_HTTP_REQUEST_MAX_RETRIES',
    purpose: 'Attempts after the first.',
    least: 0,
    fallback: 7,
    unit: 'retries',
  }),
  retryBudgetMs: integer({
    variable: 'HOKUSAI_RETRY_BUDGET_MS',
    purpose: 'Of a call with its attempts and waits.',
    least: 0,
    fallback: 120_000,
    unit: 'milliseconds',
  }),
  maxRetryAfterMs: integer({
    variable: 'HOKUSAI_MAX_RETRY_AFTER_MS',
    purpose: 'The longest `Retry-After` that is waited for.',
    least: 0,
    fallback: 60_000,
    unit: 'milliseconds',
  }),
  metricsBufferSize: integer({
    variable: 'HOKUSAI_METRICS_BUFFER_SIZE',
    purpose: 'Metrics of a run that wait, before `logMetric` waits.',
    least: 1,
    fallback: 10_000,
    unit: 'metrics',
  }),
  metricsFlushMs: integer({
    variable: 'HOKUSAI_METRICS_FLUSH_MS',
    purpose: 'How long a metric waits before it is sent, at most.',
    least: 1,
    fallback: 1000,
    unit: 'milliseconds',
  }),
};

/** What proves who asks: read apart from the settings (`read-credentials.ts`), since two of them belong together. */
export const CREDENTIAL_VARIABLES = {
  MLFLOW_TRACKING_USERNAME: 'User name, with the password. The two are preferred to a token.',
  MLFLOW_TRACKING_PASSWORD: 'Password: the API key, where the server is a gateway.',
  MLFLOW_TRACKING_TOKEN: 'Bearer token: the API key, where the server is a gateway.',
  HOKUSAI_API_KEY: 'The API key, where none of the others is set.',
} as const;
