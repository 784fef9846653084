/** What a gateway counts and measures. */
import { certificateMetrics, counter, gauge, histogram } from '@hokusai/service-kit';

export const GATEWAY_METRICS = {
  requests: counter(
    'hokusai_gateway_requests_total',
    'Finished requests, by the template of their route, class of the status (499: the client left) and class of the key (none: no key was proved).',
    ['upstream', 'route', 'method', 'status', 'key_class'],
  ),
  duration: histogram(
    'hokusai_gateway_request_duration_seconds',
    'From the first byte of a request to the last of its answer.',
    ['upstream', 'route', 'key_class'],
  ),
  refusals: counter(
    'hokusai_gateway_errors_total',
    "Answers that were the gateway's own errors, by their reason.",
    ['reason'],
  ),
  observedRefusals: counter(
    'hokusai_gateway_observed_refusals_total',
    'What a gateway that observes (AUTH_MODE) took note of instead of refusing, by the reason: as in its report.',
    ['reason'],
  ),
  bytes: counter('hokusai_gateway_body_bytes_total', 'Bytes of bodies, in from clients and out to them.', [
    'direction',
  ]),
  inFlight: gauge('hokusai_gateway_requests_in_flight', 'Requests under way.'),
  cacheLookups: counter(
    'hokusai_gateway_cache_lookups_total',
    'Look-ups of keys, by the layer that was asked and what came of it.',
    ['layer', 'outcome'],
  ),
  cacheEntries: gauge('hokusai_gateway_cache_entries', 'What the process remembers of keys.', ['kind']),
  unknownTags: counter(
    'hokusai_gateway_unknown_tags_total',
    'Keys whose tag no secret of the ring made, and that had to be asked for.',
  ),
  followAge: gauge(
    'hokusai_gateway_follow_age_seconds',
    'Since the keys service was last known to have told of all changes, or since the start if it never was: beyond FOLLOW_STALE_SECONDS no state is trusted.',
    [],
    'max',
  ),
  followStreams: counter('hokusai_gateway_follow_streams_total', 'Follow streams that were opened.'),
  followChanges: counter('hokusai_gateway_follow_changes_total', 'Changes of keys that were heard of.'),
  followResets: counter('hokusai_gateway_follow_resets_total', 'Times that all states had to be distrusted.'),
  limitDecisions: counter(
    'hokusai_gateway_limit_decisions_total',
    'Requests that were charged, or refused.',
    ['decision'],
  ),
  limitRefusals: counter(
    'hokusai_gateway_limit_refusals_total',
    'Refused requests, by the window that was used up.',
    ['window'],
  ),
  limitsFromMemory: counter(
    'hokusai_gateway_limit_refusals_from_memory_total',
    'Refused without asking Redis, since nothing could have changed.',
  ),
  limitsWithoutRedis: counter(
    'hokusai_gateway_limit_decisions_without_redis_total',
    'Decided as RATE_LIMIT_ON_REDIS_LOSS says.',
  ),
  limitsSettled: counter('hokusai_gateway_limit_settled_total', 'Admitted without Redis and charged later.'),
  limitLosses: counter('hokusai_gateway_limit_redis_losses_total', 'Times that Redis could not be asked.'),
  limitFlushes: counter('hokusai_gateway_limit_redis_flushes_total', 'Times that Redis had lost its counts.'),
  limitGateways: gauge('hokusai_gateway_limit_processes', 'Processes that share the limits.', [], 'max'),
  usageEvents: counter(
    'hokusai_gateway_usage_events_total',
    'Metered requests: assigned a number; settled, which the broker has or which were dropped; dropped.',
    ['outcome'],
  ),
  spoolBytes: gauge(
    'hokusai_gateway_spool_bytes',
    'Events that wait on the disk, of the processes of this gateway.',
    ['events'],
  ),
  upstreamReachable: gauge(
    'hokusai_gateway_upstream_unreachable',
    'Processes whose breaker is open: requests to the upstream are refused at once.',
    ['upstream', 'environment'],
  ),
  upstreamInFlight: gauge('hokusai_gateway_upstream_in_flight', 'Requests under way to an upstream.', [
    'upstream',
    'environment',
  ]),
  ...certificateMetrics('gateway'),
  spansDropped: counter(
    'hokusai_gateway_trace_spans_dropped_total',
    'Spans that no collector has got: it was away, or they were too many.',
  ),
  logDropped: counter('hokusai_gateway_access_log_dropped_total', 'Lines that nobody read in time.'),
};
