/** What the service needs from its database. */
import type { KeyEvent } from '@hokusai/contracts';
import type { UsageSelection } from './access.ts';
import type { IncarnationAccount } from './integrity.ts';
import type { UsageMessage } from './messages.ts';

export interface IngestStore {
  /**
   * Stores what the messages bring, all of it or nothing. What is stored already is left as it is, so
   * that messages may be repeated and come in any order.
   */
  ingest(messages: readonly UsageMessage[]): Promise<void>;
}

export interface KeyProjection {
  /** Brings keys up to date; an event that is older than what is known changes nothing. */
  apply(events: readonly KeyEvent[]): Promise<void>;
}

/** Counts as decimal strings: they may exceed 2^53. */
export interface UsageSummary {
  requests: string;
  /** Answers of 500 and above. */
  errors: string;
  /** By reason. */
  refused: Record<string, string>;
  /** Nearest-rank percentiles in milliseconds; null without requests. */
  latencyMs: { p50: number; p90: number; p99: number } | null;
  bytesIn: string;
  bytesOut: string;
}

export interface UsageReader {
  /** Exact, from the rows themselves. */
  summary(selection: UsageSelection): Promise<UsageSummary>;
  /** Incarnations that were heard of between the two times, oldest first. */
  incarnations(period: { from: Date | null; to: Date | null }): Promise<IncarnationAccount[]>;
}
