/** What is done about a key's expiry, and when: notices ahead of it, then its deactivation. */

import type { ExpiryNotice } from '@hokusai/contracts';

const HOUR_MS = 60 * 60 * 1000;

/** Earliest first. The database knows the leads too, for whoever sets an expiry: `next_expiry_step`. */
const NOTICES: readonly { notice: ExpiryNotice; leadMs: number }[] = [
  { notice: '7d', leadMs: 7 * 24 * HOUR_MS },
  { notice: '1d', leadMs: 24 * HOUR_MS },
  { notice: '1h', leadMs: HOUR_MS },
];

/** Secrets that a rotation replaced are forgotten that long after they were last accepted. */
export const RETIRED_SECRET_RETENTION_MS = 90 * 24 * HOUR_MS;

export type ExpiryStep =
  | { kind: 'deactivate' }
  /** `notice` is null where it is too early for any. */
  | { kind: 'announce'; notice: ExpiryNotice | null; nextDueAt: Date };

/**
 * What to do about a key one of whose steps is due at `now`. Of several notices that were missed, only the
 * nearest to the expiry still says something true.
 */
export function dueStep(expiresAt: Date, now: Date): ExpiryStep {
  if (expiresAt <= now) return { kind: 'deactivate' };
  const leftMs = expiresAt.getTime() - now.getTime();
  const nearest = NOTICES.findLast(({ leadMs }) => leftMs <= leadMs);
  return { kind: 'announce', notice: nearest?.notice ?? null, nextDueAt: nextStepAt(expiresAt, now) };
}

/** When the next step is due, as seen at `now`: a notice whose time is yet to come, or else the expiry itself. */
export function nextStepAt(expiresAt: Date, now: Date): Date {
  const leftMs = expiresAt.getTime() - now.getTime();
  const ahead = NOTICES.find(({ leadMs }) => leadMs < leftMs);
  return new Date(expiresAt.getTime() - (ahead?.leadMs ?? 0));
}
