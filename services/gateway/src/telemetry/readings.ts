/** What parts of a gateway count for themselves, read when somebody asks for it. */
import {
  type CurrentCertificates,
  type LineOutput,
  Metrics,
  measureCertificates,
} from '@hokusai/service-kit';
import type { Authentication } from '../cache/index.ts';
import type { LookupCounts } from '../cache/lookup-counts.ts';
import type { RunningAuditReporter } from '../events/audit-reporter.ts';
import type { RunningUsageRecorder } from '../events/usage-recorder.ts';
import type { Upstream } from '../http/upstream-door.ts';
import type { Limits } from '../limits/index.ts';
import { GATEWAY_METRICS } from './definitions.ts';

export interface MeasuredParts {
  authentication: Pick<Authentication, 'stats' | 'followAgeMs'>;
  limits: Pick<Limits, 'counts' | 'gateways'>;
  usage: Pick<RunningUsageRecorder, 'counts' | 'spoolBytes'>;
  audit: Pick<RunningAuditReporter, 'spoolBytes'>;
  upstreams: readonly Pick<Upstream, 'id' | 'targets'>[];
  output: Pick<LineOutput, 'dropped'>;
}

export function openMetrics(
  certificates: Pick<CurrentCertificates<unknown>, 'validities' | 'hasRefused'>,
): Metrics {
  const metrics = new Metrics();
  metrics.measureProcess();
  measureCertificates(metrics, GATEWAY_METRICS, certificates);
  return metrics;
}

export function measureParts(metrics: Metrics, parts: MeasuredParts): void {
  measureAuthentication(metrics, parts.authentication);
  measureLimits(metrics, parts.limits);
  const { usage, audit, upstreams, output } = parts;
  metrics.read(GATEWAY_METRICS.usageEvents, () => {
    const { assigned, flushed, dropped } = usage.counts();
    return [
      [['assigned'], assigned],
      [['settled'], flushed],
      [['dropped'], dropped],
    ];
  });
  metrics.read(GATEWAY_METRICS.spoolBytes, () => [
    [['usage'], usage.spoolBytes()],
    [['audit'], audit.spoolBytes()],
  ]);
  metrics.read(GATEWAY_METRICS.upstreamReachable, () =>
    targetsOf(upstreams, ({ reachability }) => (reachability.isReachable ? 0 : 1)),
  );
  metrics.read(GATEWAY_METRICS.upstreamInFlight, () =>
    targetsOf(upstreams, ({ admission }) => admission.inFlight),
  );
  metrics.read(GATEWAY_METRICS.logDropped, () => output.dropped);
}

function measureAuthentication(metrics: Metrics, authentication: MeasuredParts['authentication']): void {
  const { stats, followAgeMs } = authentication;
  metrics.read(GATEWAY_METRICS.cacheLookups, () => lookupsOf(stats().lookups));
  metrics.read(GATEWAY_METRICS.unknownTags, () => stats().lookups.unknownTags);
  metrics.read(GATEWAY_METRICS.cacheEntries, () => {
    const { proofs, states, unknown } = stats().entries;
    return [
      [['proofs'], proofs],
      [['states'], states],
      [['unknown'], unknown],
    ];
  });
  metrics.read(GATEWAY_METRICS.followAge, () => followAgeMs() / 1000);
  metrics.read(GATEWAY_METRICS.followStreams, () => stats().follow.streams);
  metrics.read(GATEWAY_METRICS.followChanges, () => stats().follow.changes);
  metrics.read(GATEWAY_METRICS.followResets, () => stats().follow.resets);
}

/** Each look-up ends in one of: memory hit, unknown or grace; redis hit; keys validated, refreshed, limited or unavailable. */
function lookupsOf(counts: Readonly<LookupCounts>): [string[], number][] {
  return [
    [['memory', 'hit'], counts.l1Hits],
    [['memory', 'unknown'], counts.negativeHits],
    [['memory', 'grace'], counts.graceServed],
    [['redis', 'hit'], counts.l2Hits],
    [['redis', 'proof_only'], counts.l2Proofs],
    [['redis', 'failed'], counts.l2Failures],
    [['keys', 'validated'], counts.validations],
    [['keys', 'refreshed'], counts.refreshes],
    [['keys', 'limited'], counts.limited],
    [['keys', 'unavailable'], counts.unavailable],
  ];
}

function measureLimits(metrics: Metrics, limits: MeasuredParts['limits']): void {
  metrics.read(GATEWAY_METRICS.limitDecisions, () => {
    const { admitted, refused } = limits.counts();
    return [
      [['admitted'], admitted],
      [['refused'], refused],
    ];
  });
  metrics.read(GATEWAY_METRICS.limitsFromMemory, () => limits.counts().fromMemory);
  metrics.read(GATEWAY_METRICS.limitsWithoutRedis, () => limits.counts().withoutRedis);
  metrics.read(GATEWAY_METRICS.limitsSettled, () => limits.counts().settled);
  metrics.read(GATEWAY_METRICS.limitLosses, () => limits.counts().losses);
  metrics.read(GATEWAY_METRICS.limitFlushes, () => limits.counts().flushes);
  metrics.read(GATEWAY_METRICS.limitGateways, () => limits.gateways().length);
}

type Target = NonNullable<Upstream['targets']['live']>;

/** Where both environments have the same one, it is told once. */
function targetsOf(
  upstreams: MeasuredParts['upstreams'],
  valueFrom: (target: Target) => number,
): [string[], number][] {
  return upstreams.flatMap(({ id, targets: { live, test } }) => [
    ...(live ? [[[id, live === test ? 'all' : 'live'], valueFrom(live)] as [string[], number]] : []),
    ...(test && test !== live ? [[[id, 'test'], valueFrom(test)] as [string[], number]] : []),
  ]);
}
