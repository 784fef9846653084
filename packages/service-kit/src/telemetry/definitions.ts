/**
 * What a service counts and measures, as data: registered by the service, and read by its reference and by the checks
 * of dashboards and alerts without starting it.
 */

export type MetricKind = 'counter' | 'gauge' | 'histogram';

export type Together = 'sum' | 'max' | 'min';

export interface MetricDefinition<Label extends string = string> {
  readonly kind: MetricKind;
  /** `hokusai_<service>_<what>_<unit>`; counters end in `_total`. */
  readonly name: string;
  /** One sentence for who reads a graph. */
  readonly help: string;
  readonly labels: readonly Label[];
  /** Upper bounds, rising; of histograms only. */
  readonly buckets?: readonly number[];
  /** What several processes of a service come to: all of them together, or the largest or the smallest. */
  readonly together: Together;
}

/** Of requests through to MLflow: from a cached answer to a long upload. */
export const DURATION_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120,
] as const;

/** What only rises while a process lives. */
export function counter<const Label extends string = never>(
  name: `hokusai_${string}_total`,
  help: string,
  labels: readonly Label[] = [],
): MetricDefinition<Label> {
  return { kind: 'counter', name, help, labels, together: 'sum' };
}

/** What is so now. */
export function gauge<const Label extends string = never>(
  name: `hokusai_${string}`,
  help: string,
  labels: readonly Label[] = [],
  together: Together = 'sum',
): MetricDefinition<Label> {
  return { kind: 'gauge', name, help, labels, together };
}

/** How values are spread. */
export function histogram<const Label extends string = never>(
  name: `hokusai_${string}`,
  help: string,
  labels: readonly Label[] = [],
  buckets: readonly number[] = DURATION_BUCKETS_SECONDS,
): MetricDefinition<Label> {
  return { kind: 'histogram', name, help, labels, buckets, together: 'sum' };
}
