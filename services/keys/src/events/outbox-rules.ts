/** When an event of the outbox is sent, asked for, sent again and given up. Pure. */

/** Events of the audit log stay until the log says that it has stored them; others until they are sent. */
export function needsConfirmation(subject: string): boolean {
  return subject.startsWith('hokusai.audit.');
}

/**
 * The broker's name for one sending. A publication that was not acknowledged is repeated under the same
 * name, and collapses with the first one if that has arrived. A sending that was acknowledged and then
 * lost gets a new name: under the old one the broker may still remember it, and would drop the repetition.
 * The audit log knows an event by its own id, under whatever name it arrives.
 *
 * @param acknowledged how often the event was sent and acknowledged before
 */
export function messageIdOf(eventId: string, acknowledged: number): string {
  return acknowledged === 0 ? eventId : `${eventId}.${acknowledged}`;
}

/** It was never sent, and waited to count more of its kind (`storage/held-events.ts`); that time is over. */
export function isHeld({ sendings }: { sendings: number }): boolean {
  return sendings === 0;
}

const FIRST_RESEND_MS = 30_000;
const MAX_RESEND_MS = 5 * 60_000;
/** As often as a consumer tries to read a message: what is not stored by then is among the dead letters. */
const MAX_SENDINGS = 5;

/** The log is asked first so long after a sending, then at intervals. */
export const FIRST_QUESTION_MS = 500;
/** Longer than a question may take, so that no other replica asks the same meanwhile. */
export const QUESTION_INTERVAL_MS = 5000;
export const PARKED_QUESTION_INTERVAL_MS = 60_000;

/**
 * What to do about an event that the audit log, when asked, has not stored. It is sent again 30 s after it
 * was sent, then at twice the distance each time, up to 5 minutes: a log that is merely late must not be
 * buried. After five sendings it is parked, for a person to look at; the log is still asked for it, and
 * once it has it after all, the matter is settled.
 *
 * @param sentAgoMs since the last sending was acknowledged
 * @param sendings how often it was sent and acknowledged
 */
export function verdictOn(sentAgoMs: number, sendings: number): 'wait' | 'resend' | 'park' {
  const resendAfterMs = Math.min(FIRST_RESEND_MS * 2 ** (sendings - 1), MAX_RESEND_MS);
  if (sentAgoMs < resendAfterMs) return 'wait';
  return sendings >= MAX_SENDINGS ? 'park' : 'resend';
}
