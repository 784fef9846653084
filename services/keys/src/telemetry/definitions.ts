/** What a keys service counts and measures. */
import { counter, gauge, histogram, serviceMetrics } from '@hokusai/service-kit';

export const KEYS_METRICS = {
  ...serviceMetrics('keys'),
  hashDuration: histogram(
    'hokusai_keys_argon2_duration_seconds',
    'Of Argon2 hashes, without their wait.',
    [],
    [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  ),
  hashWait: histogram(
    'hokusai_keys_argon2_wait_seconds',
    'For which hashes waited for their turn.',
    [],
    [0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  ),
  hashesQueued: gauge('hokusai_keys_argon2_queued', 'Hashes that wait for their turn: at most ARGON2_QUEUE.'),
  hashesRefused: counter('hokusai_keys_argon2_refused_total', 'Hashes that found the queue full.'),
  outboxAge: gauge(
    'hokusai_keys_outbox_age_seconds',
    'Age of the oldest event that is not sent yet; 0 if there is none.',
    [],
    'max',
  ),
  outboxParked: gauge('hokusai_keys_outbox_parked', 'Events that need a person.', [], 'max'),
  followers: gauge('hokusai_keys_followers', 'Gateway processes that this replica tells of changes.'),
  changeFeedAge: gauge(
    'hokusai_keys_change_feed_age_seconds',
    'Since the change log was last read for the followers; 0 where there are none.',
    [],
    'max',
  ),
};
