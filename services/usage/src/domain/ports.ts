/** What the service needs from its database. */
import type { KeyEvent } from '@hokusai/contracts';
import type { UsagePeriod } from '@hokusai/contracts/usage-periods';
import type { UsageSelection } from './access.ts';
import type { Grain } from './cover.ts';
import type { FindingsCount, IncarnationAccount } from './integrity.ts';
import type { UsageMessage } from './messages.ts';

/** `Prepared`: what is kept of a message until it is stored, which is little. */
export interface IngestStore<Prepared> {
  prepare(message: UsageMessage): Prepared;
  /**
   * Stores what the messages bring, all of it or nothing. What is stored already is left as it is, so
   * that messages may be repeated and come in any order.
   */
  store(messages: readonly Prepared[]): Promise<void>;
}

export interface KeyProjection {
  /** Brings keys up to date; an event that is older than what is known changes nothing. */
  apply(events: readonly KeyEvent[]): Promise<void>;
}

/** 1xx to 5xx. */
export const STATUS_CLASSES = [
  'informational',
  'successful',
  'redirected',
  'clientErrors',
  'serverErrors',
] as const;

/** Counts as decimal strings: they may exceed 2^53. */
export interface UsageTotals {
  requests: string;
  /** Answers of 500 and above. */
  errors: string;
  /** All of them by the hundreds of their status. */
  statuses: Record<(typeof STATUS_CLASSES)[number], string>;
  /** By reason. */
  refused: Record<string, string>;
  /** Nearest-rank percentiles in milliseconds, within 1 %; null without requests. */
  latencyMs: { p50: number; p90: number; p99: number } | null;
  bytesIn: string;
  bytesOut: string;
}

export interface EndpointUsage {
  method: string;
  endpoint: string;
  totals: UsageTotals;
}

export const DIMENSIONS = ['key', 'endpoint', 'client_ip'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export interface RankedUsage {
  /** Key id, endpoint or address. */
  value: string;
  /** Prefix and name of a key, as far as they are known; otherwise empty. */
  label: string;
  totals: UsageTotals;
}

/** Where a list of unused keys goes on: after this key. */
export interface UnusedPosition {
  /** null: never used. */
  lastUsedAt: Date | null;
  keyId: string;
}

export interface UnusedQuery {
  /** Whose keys; null: all. */
  userId: string | null;
  /** Neither used nor made since then. */
  unusedSince: Date;
  now: Date;
  after: UnusedPosition | null;
  limit: number;
}

export interface UnusedKey extends UnusedPosition {
  keyPrefix: string;
  name: string;
  userId: string;
}

/** A client whose requests were served and would have been refused for this reason. */
export interface ObservedClient {
  reason: string;
  /** Empty: all further clients of minutes that had very many. */
  clientIp: string;
  userAgentFamily: string;
  /** Of the key that it sent; empty if there is none. */
  keyPrefix: string;
  /** Of that key, as far as it is known; otherwise empty. */
  keyName: string;
  requests: string;
  /** Starts of the first and the last minute in which there were any. */
  firstMinute: Date;
  lastMinute: Date;
}

/** Where a list of incarnations goes on: after this one. */
export type IncarnationPosition = Pick<IncarnationAccount, 'firstHeardAt' | 'incarnation'>;

export interface IntegrityQuery extends UsagePeriod {
  after: IncarnationPosition | null;
  limit: number;
}

export interface IntegrityAnswer {
  /** When it was so, by the database's clock. */
  at: Date;
  accounts: IncarnationAccount[];
  /** What all incarnations of the period are judged by, those that are not listed included. */
  found: FindingsCount[];
}

/**
 * Answers of what is stored at one moment, from rollups and, where those are behind, from the requests. Each throws
 * `unprocessable` where the period's edges are finer than what is kept of their time.
 */
export interface UsageReader {
  summary(selection: UsageSelection): Promise<UsageTotals>;
  /** One for each bucket; `starts` as `bucketStarts` gives them. */
  series(selection: UsageSelection, starts: readonly Date[]): Promise<UsageTotals[]>;
  /** Every endpoint, in no order. */
  endpoints(selection: UsageSelection): Promise<EndpointUsage[]>;
  /** Most requests first. */
  top(selection: UsageSelection, dimension: Dimension, limit: number): Promise<RankedUsage[]>;
  /** Active keys, the longest unused first. */
  unusedKeys(query: UnusedQuery): Promise<UnusedKey[]>;
  /** Clients whose requests gateways would have refused, were they not observing only: most requests first. */
  observed(period: UsagePeriod, limit: number): Promise<ObservedClient[]>;
  /** Incarnations of which something came within the period, oldest first. */
  integrity(query: IntegrityQuery): Promise<IntegrityAnswer>;
}

/** On a connection that holds the lock of the roller. */
export interface RollupStore {
  /**
   * Buckets that are over and to be rolled up: up to `limit`, the latest of them, or what was begun and not finished
   * if that is more; and besides those all of `aside` that still are to be. Minutes are taken thereby: whoever stores
   * requests from then on marks them again.
   */
  due(grain: Grain, bounds: { nowMs: number; limit: number; aside: readonly Date[] }): Promise<Date[]>;
  /** Rolls up buckets that are due. */
  roll(grain: Grain, starts: readonly Date[]): Promise<void>;
  /** Marks every minute of the day (UTC) from this midnight on; false, and none, if not all its requests are kept. */
  markDay(day: Date): Promise<boolean>;
}
