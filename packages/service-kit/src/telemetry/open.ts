/** The metrics of a service behind the gateway, with what all of them have. */
import { type ConsumerStats, measureConsumers } from '../nats/consumer-stats.ts';
import type { Pool } from '../postgres/pool.ts';
import { Metrics } from './metrics.ts';
import { measurePools, type ServiceMetrics } from './service-metrics.ts';

export interface CommonParts {
  pools: Readonly<Record<string, Pool>>;
  consumers: () => ReadonlyMap<string, ConsumerStats>;
}

export function openServiceMetrics(definitions: ServiceMetrics, { pools, consumers }: CommonParts): Metrics {
  const metrics = new Metrics();
  metrics.measureProcess();
  measurePools(metrics, definitions.connections, pools);
  measureConsumers(metrics, definitions, consumers);
  return metrics;
}
