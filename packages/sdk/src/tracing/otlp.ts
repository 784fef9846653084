import type { Environment, ResolvedConfig } from '../config/config.ts';
import type { HttpClient } from '../http/client.ts';
import { destinationOf, type TraceDestinationConfig, trackingUriOf } from './destination.ts';

/** What an OpenTelemetry exporter of OTLP over HTTP is made with: `new OTLPTraceExporter({ url, headers })`. */
export interface OtlpSettings {
  /** MLflow's, of traces. */
  url: string;
  /** With the credentials: they belong into no log. */
  headers: Record<string, string>;
}

/** In mock mode, too, it asks the server: exporters have no other place to send to. */
export async function findOtlpSettings(
  settings: TraceDestinationConfig,
  { env, openClient }: { env: Environment; openClient: (config: ResolvedConfig) => HttpClient },
): Promise<OtlpSettings> {
  const destination = destinationOf(settings, env);
  const authorization = destination.config.credentials.authorization();
  return {
    url: `${trackingUriOf(destination.config)}/v1/traces`,
    headers: {
      'x-mlflow-experiment-id': await destination.experimentId(openClient),
      ...(authorization !== undefined && { authorization }),
    },
  };
}
