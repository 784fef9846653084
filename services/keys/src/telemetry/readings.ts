/** What parts of a keys service count for themselves, read when somebody asks for it. */
import { type CommonParts, type Metrics, openServiceMetrics, type Pool } from '@hokusai/service-kit';
import type { OpenEvents } from '../events/open.ts';
import type { ChangeFeed } from '../follow/change-feed.ts';
import type { MeasuredHasher } from '../hashing/hasher.ts';
import { KEYS_METRICS } from './definitions.ts';

export interface MeasuredParts {
  hasher: Pick<MeasuredHasher, 'observe' | 'queued'>;
  events: Pick<OpenEvents, 'outbox' | 'consumers'>;
  feed: Pick<ChangeFeed, 'size' | 'ageMs'>;
  pools: Readonly<Record<string, Pool>>;
  tracing: CommonParts['tracing'];
  certificates: CommonParts['certificates'];
}

export function openMetrics({ hasher, events, feed, ...common }: MeasuredParts): Metrics {
  const metrics = openServiceMetrics(KEYS_METRICS, { ...common, consumers: events.consumers });
  const [duration, wait] = [
    metrics.histogram(KEYS_METRICS.hashDuration).of(),
    metrics.histogram(KEYS_METRICS.hashWait).of(),
  ];
  const refused = metrics.counter(KEYS_METRICS.hashesRefused).of();
  hasher.observe({
    ran: (waitMs, runMs) => {
      wait.observe(waitMs / 1000);
      duration.observe(runMs / 1000);
    },
    refused: () => refused.add(),
  });
  metrics.read(KEYS_METRICS.hashesQueued, () => hasher.queued);
  // Unknown until it was looked at, some seconds after the start.
  metrics.read(KEYS_METRICS.outboxAge, () => {
    const outbox = events.outbox();
    return outbox ? (outbox.oldestUnsentMs ?? 0) / 1000 : null;
  });
  metrics.read(KEYS_METRICS.outboxParked, () => events.outbox()?.parked ?? null);
  metrics.read(KEYS_METRICS.followers, () => feed.size);
  metrics.read(KEYS_METRICS.changeFeedAge, () => feed.ageMs() / 1000);
  return metrics;
}
