import { ConfigurationError } from '../errors/errors.ts';

/** What is used of MLflow's own package for traces, `@mlflow/core`. */
export interface TracingPackage {
  init(options: {
    trackingUri: string;
    experimentId: string;
    trackingServerUsername?: string;
    trackingServerPassword?: string;
    trackingServerToken?: string;
  }): void;
  flushTraces(): Promise<void>;
}

/** Its name, and the one that it had before. */
const NAMES = ['@mlflow/core', 'mlflow-tracing'] as const;

/** Throws a `ConfigurationError` that says what to install if there is none. */
export async function loadPackage(load: (name: string) => Promise<unknown>): Promise<TracingPackage> {
  for (const name of NAMES) {
    const found = await loadIfThere(load, name);
    if (found !== undefined) return checkPackage(name, found);
  }
  throw new ConfigurationError([
    `${NAMES[0]}, which records traces, is not installed where this SDK is: npm install ${NAMES[0]}, or give it as mlflow: await import('${NAMES[0]}')`,
  ]);
}

/** The package as it was given or found; that it is CommonJS may have put it below `default`. */
export function checkPackage(name: string, found: unknown): TracingPackage {
  for (const candidate of [found, (found as { default?: unknown } | null)?.default])
    if (isTracingPackage(candidate)) return candidate;
  throw new ConfigurationError([
    `${name} has no init() and flushTraces(): it is not MLflow's package for traces, or of another version`,
  ]);
}

async function loadIfThere(load: (name: string) => Promise<unknown>, name: string): Promise<unknown> {
  try {
    return await load(name);
  } catch (error) {
    if (isMissing(error, name)) return undefined;
    throw error;
  }
}

/** Whether it is this package that is missing, not one that it needs. */
function isMissing(error: unknown, name: string): boolean {
  const { code, message } = error as NodeJS.ErrnoException;
  return /^(ERR_)?MODULE_NOT_FOUND$/.test(code ?? '') && message.includes(`'${name}'`);
}

function isTracingPackage(candidate: unknown): candidate is TracingPackage {
  const { init, flushTraces } = (candidate ?? {}) as Partial<TracingPackage>;
  return typeof init === 'function' && typeof flushTraces === 'function';
}
