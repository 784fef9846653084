/** The metrics of a service behind the gateway, with what all of them have. */
import { type ConsumerStats, measureConsumers } from '../nats/consumer-stats.ts';
import type { Pool } from '../postgres/pool.ts';
import type { CurrentCertificates } from '../tls/current.ts';
import { Metrics } from './metrics.ts';
import { measureCertificates, measurePools, type ServiceMetrics } from './service-metrics.ts';
import type { Tracing } from './tracing.ts';

export interface CommonParts {
  pools: Readonly<Record<string, Pool>>;
  consumers: () => ReadonlyMap<string, ConsumerStats>;
  tracing: Pick<Tracing, 'dropped'> | undefined;
  certificates: Pick<CurrentCertificates<unknown>, 'validities' | 'hasRefused'>;
}

export function openServiceMetrics(
  definitions: ServiceMetrics,
  { pools, consumers, tracing, certificates }: CommonParts,
): Metrics {
  const metrics = new Metrics();
  metrics.measureProcess();
  measurePools(metrics, definitions.connections, pools);
  measureConsumers(metrics, definitions, consumers);
  measureCertificates(metrics, definitions, certificates);
  metrics.read(definitions.spansDropped, () => tracing?.dropped ?? 0);
  return metrics;
}
