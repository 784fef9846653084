/** The account of one gateway process: is every request that it numbered stored, and stored once? */
import { missingIn, type NumberRange, type NumberSet, sizeOf } from './number-ranges.ts';

/** What is known of an incarnation, and what is stored of it. */
export interface IncarnationAccount {
  incarnation: string;
  gateway: string;
  openedAt: Date | null;
  closedAt: Date | null;
  lastHeardAt: Date;
  /** Highest number that the gateway said it gave out. */
  announcedAssigned: number;
  /** How many it said it gave up. */
  dropped: number;
  /** Highest number that has been with the broker for so long that it has arrived, unless it is lost. */
  due: number;
  /** Numbers whose batches arrived and were committed. */
  received: NumberSet;
  /** Numbers of the rows that are in the store, each counted once. */
  storedNumbers: NumberSet;
  /** Rows in the store, or in rollups of rows that are dropped by now. */
  stored: number;
  /** How many of those the rollups hold. */
  rolledUp: number;
  /** Requests that are stored under the time of their arrival, since their gateway's clock could not be believed. */
  clockCorrected: number;
}

export type IntegrityStatus = 'open' | 'balanced' | 'gap' | 'unclean_end';

export interface IncarnationIntegrity {
  account: IncarnationAccount;
  status: IntegrityStatus;
  /** Highest number known of, from announcements and batches. */
  assigned: number;
  received: number;
  /** Numbers that are missing and will hardly come any more; of an open one, whatever is missing if any of it is such. */
  gaps: NumberRange[];
  /** True if nothing is missing and the end, if there was one, is known. */
  isComplete: boolean;
}

/** A gateway that lives says so at least every 10 s. */
export const SILENCE_LIMIT_MS = 30_000;

/**
 * Judges one incarnation at `nowMs`. What an open one has numbered last is still on its way: that is no
 * gap unless it gave something up itself, was to be here long ago, or is gone from the store.
 */
export function judge(account: IncarnationAccount, nowMs: number): IncarnationIntegrity {
  const received = sizeOf(account.received);
  const assigned = Math.max(account.announcedAssigned, account.received.at(-1)?.to ?? 0);
  const missing = missingIn(account.storedNumbers, { from: 1, to: assigned });
  const isLost = account.stored !== received || sizeOf(account.storedNumbers) !== received;
  const isOverdue = account.dropped > 0 || (missing[0]?.from ?? Number.POSITIVE_INFINITY) <= account.due;
  const status = statusOf(account, { nowMs, isLost, isMissing: missing.length > 0, isOverdue });
  const isComplete = (status === 'open' || status === 'balanced') && missing.length === 0;
  return { account, status, assigned, received, gaps: status === 'open' ? [] : missing, isComplete };
}

interface Findings {
  /** The store lacks what was committed, or has it twice. */
  isLost: boolean;
  isMissing: boolean;
  /** What is missing is not just on its way. */
  isOverdue: boolean;
}

function statusOf(
  { closedAt, lastHeardAt }: IncarnationAccount,
  { nowMs, isLost, isMissing, isOverdue }: Findings & { nowMs: number },
): IntegrityStatus {
  if (isLost) return 'gap';
  if (closedAt) return isMissing ? 'gap' : 'balanced';
  if (nowMs - lastHeardAt.getTime() > SILENCE_LIMIT_MS) return 'unclean_end';
  return isMissing && isOverdue ? 'gap' : 'open';
}
