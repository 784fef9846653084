/** The account of one gateway process: is every request that it numbered stored, and stored once? */
import { missingIn, type NumberRange, type NumberSet, sizeOf } from './number-ranges.ts';

/** What is known of an incarnation, and what is stored of it. */
export interface IncarnationAccount {
  incarnation: string;
  gateway: string;
  openedAt: Date | null;
  closedAt: Date | null;
  /** When anything came of it for the first time, from whomever. */
  firstHeardAt: Date;
  /** When it said something by itself for the last time; null: never. */
  announcedAt: Date | null;
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
  /**
   * Numbers that are missing and will hardly come any more; of an open one, whatever is missing if any of it is such. The
   * first ones, where those are many.
   */
  gaps: NumberRange[];
  /** How many further ranges there are. */
  gapsLeftOut: number;
  /** True if nothing is missing and the end, if there was one, is known. */
  isComplete: boolean;
}

/** A gateway that lives says so at least every 10 s. */
export const SILENCE_LIMIT_MS = 30_000;
const MAX_GAPS = 100;

/** What an account is judged by. */
export interface Findings {
  /** It said goodbye. */
  isClosed: boolean;
  /** It has said nothing by itself for so long that it doesn't live. */
  isSilent: boolean;
  /** The store lacks what was committed, or has it twice. */
  isLost: boolean;
  isMissing: boolean;
  /** What is missing is not just on its way. */
  isOverdue: boolean;
}

/**
 * Judges one incarnation at `nowMs`; null while nobody can be heard of, so that silence says nothing. What an open one
 * has numbered last is still on its way: that is no gap unless it gave something up itself, was to be here long ago, or
 * is gone from the store.
 */
export function judge(account: IncarnationAccount, nowMs: number | null): IncarnationIntegrity {
  const received = sizeOf(account.received);
  const assigned = Math.max(account.announcedAssigned, account.received.at(-1)?.to ?? 0);
  const missing = missingIn(account.storedNumbers, { from: 1, to: assigned });
  const announcedMs = account.announcedAt?.getTime() ?? Number.NEGATIVE_INFINITY;
  const findings = {
    isClosed: account.closedAt !== null,
    isSilent: nowMs !== null && nowMs - announcedMs > SILENCE_LIMIT_MS,
    isLost: account.stored !== received || sizeOf(account.storedNumbers) !== received,
    isMissing: missing.length > 0,
    isOverdue: account.dropped > 0 || (missing[0]?.from ?? Number.POSITIVE_INFINITY) <= account.due,
  };
  const status = statusOf(findings);
  const gaps = status === 'open' ? [] : missing.slice(0, MAX_GAPS);
  const gapsLeftOut = status === 'open' ? 0 : missing.length - gaps.length;
  return { account, status, assigned, received, gaps, gapsLeftOut, isComplete: isCompleteWith(findings) };
}

function isCompleteWith(findings: Findings): boolean {
  const status = statusOf(findings);
  return (status === 'open' || status === 'balanced') && !findings.isMissing;
}

function statusOf({ isClosed, isSilent, isLost, isMissing, isOverdue }: Findings): IntegrityStatus {
  if (isLost) return 'gap';
  if (isClosed) return isMissing ? 'gap' : 'balanced';
  if (isSilent) return 'unclean_end';
  return isMissing && isOverdue ? 'gap' : 'open';
}

/** Incarnations of which the same was found, and how many those are. */
export interface FindingsCount extends Findings {
  count: number;
}

export interface Verdict {
  /** True if every incarnation is. */
  isComplete: boolean;
  statuses: Record<IntegrityStatus, number>;
}

/** Judges many at once; `canHear` is false while nobody can be heard of, so that silence says nothing. */
export function verdictOn(found: readonly FindingsCount[], canHear: boolean): Verdict {
  const statuses = { open: 0, balanced: 0, gap: 0, unclean_end: 0 };
  let isComplete = true;
  for (const { count, ...findings } of found) {
    const heard = { ...findings, isSilent: findings.isSilent && canHear };
    statuses[statusOf(heard)] += count;
    isComplete &&= isCompleteWith(heard);
  }
  return { isComplete, statuses };
}
