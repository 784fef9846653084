/** What every service behind the gateway counts alike, under its own name. */
import type { Pool } from '../postgres/pool.ts';
import type { CurrentCertificates } from '../tls/current.ts';
import { counter, gauge, histogram, type MetricDefinition } from './definitions.ts';
import type { Metrics } from './metrics.ts';

/** Answers of services take from a fraction of a millisecond to the half minute of a verification. */
const CALL_BUCKETS_SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

/** Of a service's own certificates, and of those by which it knows others. */
export const certificateMetrics = <const Service extends string>(service: Service) => ({
  certificateEnd: gauge(
    `hokusai_${service}_certificate_expires_timestamp_seconds`,
    'When the certificate that a variable gives ends, in seconds since 1970: of a chain the first to end, of several authorities the last.',
    ['variable'],
    'min',
  ),
  certificatesRefused: gauge(
    `hokusai_${service}_certificates_refused`,
    '1 while the files hold new certificates that can not be used: the former ones are in force.',
    [],
    'max',
  ),
});

export const serviceMetrics = <const Service extends string>(service: Service) => ({
  calls: counter(`hokusai_${service}_grpc_calls_total`, 'gRPC calls that ended, by method and status.', [
    'method',
    'code',
  ]),
  callDuration: histogram(
    `hokusai_${service}_grpc_call_duration_seconds`,
    'Of unary gRPC calls, from their arrival to their status.',
    ['method'],
    CALL_BUCKETS_SECONDS,
  ),
  connections: gauge(
    `hokusai_${service}_database_connections`,
    'Connections to Postgres: busy, idle, and calls that wait for one.',
    ['pool', 'state'],
  ),
  consumed: counter(
    `hokusai_${service}_events_consumed_total`,
    'Events that were stored, are tried again, or were given up to the dead letters.',
    ['consumer', 'outcome'],
  ),
  eventLag: gauge(
    `hokusai_${service}_event_lag_seconds`,
    'Age of the oldest event that is being stored; 0 when nothing waits.',
    ['consumer'],
    'max',
  ),
  spansDropped: counter(
    `hokusai_${service}_trace_spans_dropped_total`,
    'Spans that no collector has got: it was away, or they were too many.',
  ),
  ...certificateMetrics(service),
  eventsPending: gauge(
    `hokusai_${service}_events_pending`,
    'Events that the broker had not delivered yet, as of the last one that it did.',
    ['consumer'],
    'max',
  ),
});

export type ServiceMetrics = ReturnType<typeof serviceMetrics>;

/** Tells until when certificates hold. */
export function measureCertificates(
  metrics: Metrics,
  definitions: ReturnType<typeof certificateMetrics>,
  certificates: Pick<CurrentCertificates<unknown>, 'validities' | 'hasRefused'>,
): void {
  metrics.read(definitions.certificateEnd, () =>
    certificates.validities().map(({ variable, untilMs }) => [[variable], untilMs / 1000]),
  );
  metrics.read(definitions.certificatesRefused, () => (certificates.hasRefused() ? 1 : 0));
}

/** Tells how the connections of pools are used. */
export function measurePools(
  metrics: Metrics,
  definition: MetricDefinition<'pool' | 'state'>,
  pools: Readonly<Record<string, Pick<Pool, 'totalCount' | 'idleCount' | 'waitingCount'>>>,
): void {
  metrics.read(definition, () =>
    Object.entries(pools).flatMap(([name, { totalCount, idleCount, waitingCount }]) => [
      [[name, 'busy'], totalCount - idleCount],
      [[name, 'idle'], idleCount],
      [[name, 'waiting'], waitingCount],
    ]),
  );
}
