/** What a service tells of itself beside its logs. */
export {
  counter,
  DURATION_BUCKETS_SECONDS,
  gauge,
  histogram,
  type MetricDefinition,
  type MetricKind,
} from './definitions.ts';
export { measureCalls } from './grpc-calls.ts';
export { type Family, type MetricSnapshot, Metrics, type Reading } from './metrics.ts';
export { type CommonParts, openServiceMetrics } from './open.ts';
export type { Counter, Histogram } from './series.ts';
export { certificateMetrics, measureCertificates, serviceMetrics } from './service-metrics.ts';
export { traceCalls } from './traced-calls.ts';
export { openTracing, type TraceSpan, Tracing } from './tracing.ts';
