/**
 * Refused authentications and authorisations as audit events. The first of a kind is sent at once, so
 * that "who was it?" is answered at once; what follows within a minute becomes one more event, with a count.
 */
import { type AuditEvent, auditSubject, cloudEvent } from '@hokusai/contracts';
import { redactKeys } from '@hokusai/key-format';
import type { Bus, Clock, Logger } from '@hokusai/service-kit';
import type { RefusalReporter, RefusedRequest } from '../domain/ports.ts';
import { MemoryBuffer, type OutgoingMessage } from './message-buffer.ts';
import { Publisher } from './publisher.ts';
import { type Fold, RefusalFolds } from './refusal-folds.ts';
import type { Timers } from './timers.ts';

export interface RefusalReporterOptions {
  bus: Pick<Bus, 'publish'>;
  /** Name of this gateway, shown to people. */
  gateway: string;
  randomUuid: () => string;
  clock: Clock;
  timers: Timers;
  logger: Logger;
}

export interface RunningRefusalReporter extends RefusalReporter {
  /** Sends what is folded so far, and gives up what the broker has not acknowledged in `limitMs`. */
  close(limitMs: number): Promise<void>;
}

export const FOLD_MS = 60_000;
/** Half an hour of a flood, some 5 MB. */
const MAX_BUFFERED_EVENTS = 5000;
const ACTION = 'auth.refused';
const SUBJECT = auditSubject('gateway', ACTION);

export function createRefusalReporter(options: RefusalReporterOptions): RunningRefusalReporter {
  return new FoldingReporter(options);
}

class FoldingReporter implements RunningRefusalReporter {
  readonly #options: RefusalReporterOptions;
  readonly #publisher: Publisher<OutgoingMessage>;
  /** Apart, so that a stranger's flood hides nothing of what happens to keys that exist. */
  readonly #ofKnownKeys = new RefusalFolds();
  readonly #ofStrangers = new RefusalFolds();
  /** What cancels the end of a fold's window. */
  readonly #windows = new Map<Fold, () => void>();
  #dropped = 0;

  constructor(options: RefusalReporterOptions) {
    const { bus, timers, logger } = options;
    this.#options = options;
    this.#publisher = new Publisher({
      bus,
      timers,
      logger,
      buffer: new MemoryBuffer(MAX_BUFFERED_EVENTS),
      onDropped: () => this.#reportDropped(),
    });
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
    await this.#publisher.close(limitMs);
  }

  #end(folds: RefusalFolds, fold: Fold): void {
    this.#windows.get(fold)?.();
    this.#windows.delete(fold);
    folds.close(fold);
    if (fold.count > 0) this.#send(fold.latest, fold.count);
  }

  #send(refusal: RefusedRequest, count: number): void {
    const { gateway, randomUuid, clock } = this.#options;
    const id = randomUuid();
    const time = new Date(clock.now());
    const data = auditEventOf(refusal, count, time);
    const source = `/hokusai/gateway/${gateway.slice(0, 128)}`;
    const event = cloudEvent({ id, source, subject: SUBJECT, time, data });
    const payload = Buffer.from(JSON.stringify(event));
    this.#publisher.send({ subject: SUBJECT, id, payload, weight: 1 });
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
