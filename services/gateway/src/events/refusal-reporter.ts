/**
 * Refused authentications and authorisations as audit events. The first of a kind is sent at once, so
 * that "who was it?" is answered at once; what follows within a minute becomes one more event, with a count.
 */
import { type AuditEvent, auditSubject } from '@hokusai/contracts';
import { redactKeys } from '@hokusai/key-format';
import type { RefusalReporter, RefusedRequest } from '../domain/ports.ts';
import { EventSender, type EventSenderOptions } from './event-sender.ts';
import { type Fold, RefusalFolds } from './refusal-folds.ts';

export interface RunningRefusalReporter extends RefusalReporter {
  /** Sends what is folded so far, and gives up what the broker has not acknowledged in `limitMs`. */
  close(limitMs: number): Promise<void>;
}

export const FOLD_MS = 60_000;
const ACTION = 'auth.refused';
const SUBJECT = auditSubject('gateway', ACTION);

export function createRefusalReporter(options: EventSenderOptions): RunningRefusalReporter {
  return new FoldingReporter(options);
}

class FoldingReporter implements RunningRefusalReporter {
  readonly #options: EventSenderOptions;
  readonly #events: EventSender<AuditEvent>;
  /** Apart, so that a stranger's flood hides nothing of what happens to keys that exist. */
  readonly #ofKnownKeys = new RefusalFolds();
  readonly #ofStrangers = new RefusalFolds();
  /** What cancels the end of a fold's window. */
  readonly #windows = new Map<Fold, () => void>();
  #dropped = 0;

  constructor(options: EventSenderOptions) {
    this.#options = options;
    this.#events = new EventSender(options, SUBJECT, () => this.#reportDropped());
  }

  refused(refusal: RefusedRequest): void {
    const folds = refusal.keyId === null ? this.#ofStrangers : this.#ofKnownKeys;
    const { fold, isNew } = folds.add(refusal);
    if (!isNew) return;
    this.#send(fold.latest, 1);
    this.#windows.set(
      fold,
      this.#options.timers.after(FOLD_MS, () => this.#end(folds, fold)),
    );
  }

  async close(limitMs: number): Promise<void> {
    for (const folds of [this.#ofKnownKeys, this.#ofStrangers])
      for (const fold of folds.open()) this.#end(folds, fold);
    await this.#events.close(limitMs);
  }

  #end(folds: RefusalFolds, fold: Fold): void {
    this.#windows.get(fold)?.();
    this.#windows.delete(fold);
    folds.close(fold);
    if (fold.count > 0) this.#send(fold.latest, fold.count);
  }

  #send(refusal: RefusedRequest, count: number): void {
    this.#events.send((time) => auditEventOf(refusal, count, time));
  }

  /** Logged at powers of two: often enough to see, too seldom to flood the log. */
  #reportDropped(): void {
    this.#dropped += 1;
    if (Number.isInteger(Math.log2(this.#dropped)))
      this.#options.logger.error({ dropped: this.#dropped }, 'audit events of refusals were dropped');
  }
}

function auditEventOf(refusal: RefusedRequest, count: number, time: Date): AuditEvent {
  return {
    action: ACTION,
    outcome: 'refused',
    occurred_at: time.toISOString(),
    actor: {
      user_id: refusal.userId,
      key_id: refusal.keyId,
      key_prefix: refusal.keyPrefix?.slice(0, 32) ?? null,
      via: 'gateway',
    },
    target: { type: 'route', id: redactKeys(refusal.route).slice(0, 256) },
    before: null,
    after: null,
    reason: refusal.reason.slice(0, 500),
    count,
    request_id: refusal.requestId.slice(0, 128),
    trace_id: refusal.traceId?.slice(0, 32) ?? null,
    personal: {
      ...(refusal.clientIp && { client_ip: refusal.clientIp.slice(0, 64) }),
      ...(refusal.userAgent && { user_agent: redactKeys(refusal.userAgent).slice(0, 256) }),
    },
  };
}
