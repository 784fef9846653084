/** The account of one gateway process: is every request that it numbered stored, and stored once? */
import { missingUpTo, type NumberRange, type NumberSet, sizeOf } from './number-ranges.ts';

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
  /** Numbers that are missing and will hardly come any more. */
  gaps: NumberRange[];
  /** True if nothing is missing and the end, if there was one, is known. */
  isComplete: boolean;
}

/** A gateway that lives says so at least every 10 s. */
export const SILENCE_LIMIT_MS = 30_000;

/**
 * Judges one incarnation at `nowMs`. What an open one has numbered last is still on its way: its gaps
 * are only what it gave up itself, or what is gone from the store.
 */
export function judge(account: IncarnationAccount, nowMs: number): IncarnationIntegrity {
  const received = sizeOf(account.received);
  const assigned = Math.max(account.announcedAssigned, account.received.at(-1)?.to ?? 0);
  const missing = missingUpTo(account.storedNumbers, assigned);
  const isLost = account.stored !== received || sizeOf(account.storedNumbers) !== received;
  const status = statusOf(account, { nowMs, isLost, isMissing: missing.length > 0 });
  const isComplete = (status === 'open' || status === 'balanced') && missing.length === 0;
  return { account, status, assigned, received, gaps: status === 'open' ? [] : missing, isComplete };
}

function statusOf(
  { closedAt, lastHeardAt, dropped }: IncarnationAccount,
  { nowMs, isLost, isMissing }: { nowMs: number; isLost: boolean; isMissing: boolean },
): IntegrityStatus {
  if (isLost) return 'gap';
  if (closedAt) return isMissing ? 'gap' : 'balanced';
  if (nowMs - lastHeardAt.getTime() > SILENCE_LIMIT_MS) return 'unclean_end';
  return dropped > 0 && isMissing ? 'gap' : 'open';
}
