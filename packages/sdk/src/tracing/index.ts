/** Traces on the server that the manager tracks on. */
import type { ResolvedConfig } from '../config/config.ts';
import { createHttpClient } from '../http/client.ts';
import { systemClock, systemDelay } from '../http/system.ts';
import type { TraceDestinationConfig } from './destination.ts';
import { startTracing, type Tracing, type TracingConfig } from './init.ts';
import { findOtlpSettings, type OtlpSettings } from './otlp.ts';

export type { TraceDestinationConfig } from './destination.ts';
export type { Tracing, TracingConfig } from './init.ts';
export type { OtlpSettings } from './otlp.ts';
export type { TracingPackage } from './package.ts';

/**
 * Has `@mlflow/core` send traces where the manager tracks: same tracking URI, credentials and experiment, by argument,
 * environment or default. Call it once, before what is to be traced. Rejects with a `ConfigurationError` if that package
 * is not installed or would understand the environment otherwise, and with what the server says if it can't be reached,
 * does not let the credentials in or has no such experiment.
 */
export function initTracing(config: TracingConfig = {}): Promise<Tracing> {
  const load = (name: string): Promise<unknown> => import(name);
  return startTracing(config, { env: process.env, openClient, load });
}

/** The same for exporters of OpenTelemetry, with no package of MLflow's. */
export function otlpSettings(config: TraceDestinationConfig = {}): Promise<OtlpSettings> {
  return findOtlpSettings(config, { env: process.env, openClient });
}

function openClient(config: ResolvedConfig) {
  const { logger } = config;
  return createHttpClient(config, { clock: systemClock, delay: systemDelay, random: Math.random, logger });
}
