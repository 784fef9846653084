/**
 * What a gateway tells the audit log: that it started with which configuration, and stopped; refused authentications
 * and authorisations; and sign-ins. The first of a kind is sent at once, so that "who was it?" is answered at once;
 * what follows within a minute becomes one more event, with a count.
 */
import type { AuditEvent, JsonValue } from '@hokusai/contracts';
import { redactKeys } from '@hokusai/key-format';
import type { RefusalReporter, ReportedRequest, SignIn, SignInReporter } from '../domain/ports.ts';
import { AuditSender, type AuditSenderOptions } from './audit-sender.ts';
import { type Fold, RequestFolds } from './request-folds.ts';

export interface AuditReporterOptions extends AuditSenderOptions {
  /** Name of the machine. */
  host: string;
}

export interface RunningAuditReporter extends RefusalReporter, SignInReporter {
  /** @param configuration without its secrets */
  started(configuration: { [name: string]: JsonValue }): void;
  /** Of a process that said that it started: ends in order. */
  stopped(): void;
  /** What waits on the disk, orphans that were taken over included. */
  spoolBytes(): number;
  /**
   * Sends what is folded so far. What the broker has not acknowledged in `limitMs` is left on disk to the next
   * process, or given up.
   */
  close(limitMs: number): Promise<void>;
}

export const FOLD_MS = 60_000;
/** Of sign-ins, which take a key that works: each should name who it was. */
const SIGN_IN_BOUNDS = { maxFolds: 1000, maxFoldsPerClient: 1000 };

export function createAuditReporter(options: AuditReporterOptions): RunningAuditReporter {
  return new FoldingReporter(options);
}

type EventOf = (request: ReportedRequest) => Pick<AuditEvent, 'action' | 'outcome' | 'target' | 'reason'>;

class FoldingReporter implements RunningAuditReporter {
  readonly #options: AuditReporterOptions;
  readonly #events: AuditSender;
  /** Apart, so that a stranger's flood hides nothing of what happens to keys that exist. */
  readonly #ofKnownKeys = new RequestFolds();
  readonly #ofStrangers = new RequestFolds();
  readonly #ofSignIns = new RequestFolds(SIGN_IN_BOUNDS);
  /** How a fold's window is ended. */
  readonly #windows = new Map<Fold, () => void>();

  constructor(options: AuditReporterOptions) {
    this.#options = options;
    this.#events = new AuditSender(options);
  }

  started(configuration: { [name: string]: JsonValue }): void {
    this.#sendOwn('gateway.started', { configuration });
  }

  stopped(): void {
    this.#sendOwn('gateway.stopped', {});
  }

  spoolBytes(): number {
    return this.#events.spoolBytes;
  }

  refused(refusal: ReportedRequest): void {
    this.#add(refusal.keyId === null ? this.#ofStrangers : this.#ofKnownKeys, refusal, refusedEvent);
  }

  signedIn(request: SignIn): void {
    this.#add(this.#ofSignIns, { ...request, reason: '' }, signedInEvent);
  }

  async close(limitMs: number): Promise<void> {
    for (const end of [...this.#windows.values()]) end();
    await this.#events.close(limitMs);
  }

  #add(folds: RequestFolds, request: ReportedRequest, eventOf: EventOf): void {
    const { fold, isNew } = folds.add(request);
    if (!isNew) return;
    this.#send(fold.latest, 1, eventOf);
    const end = () => {
      cancel();
      this.#windows.delete(fold);
      folds.close(fold);
      if (fold.count > 0) this.#send(fold.latest, fold.count, eventOf);
    };
    const cancel = this.#options.timers.after(FOLD_MS, end);
    this.#windows.set(fold, end);
  }

  #send(request: ReportedRequest, count: number, eventOf: EventOf): void {
    const dataAt = (time: Date): AuditEvent => ({
      ...eventOf(request),
      occurred_at: time.toISOString(),
      actor: {
        user_id: request.userId,
        key_id: request.keyId,
        key_prefix: request.keyPrefix?.slice(0, 32) ?? null,
        via: 'gateway',
      },
      ...{ before: null, after: null, count },
      request_id: request.requestId.slice(0, 128),
      trace_id: request.traceId?.slice(0, 32) ?? null,
      personal: {
        ...(request.clientIp && { client_ip: request.clientIp.slice(0, 64) }),
        ...(request.userAgent && { user_agent: redactKeys(request.userAgent).slice(0, 256) }),
      },
    });
    this.#events.send(dataAt, request.traceparent);
  }

  #sendOwn(action: string, facts: { [name: string]: JsonValue }): void {
    const { gateway, incarnation, host } = this.#options;
    const nobody = { user_id: null, key_id: null, key_prefix: null };
    this.#events.send((time) => ({
      ...{ action, outcome: 'success', occurred_at: time.toISOString() },
      actor: { ...nobody, via: 'gateway', host: host.slice(0, 256) },
      target: { type: 'gateway', id: gateway.slice(0, 256) },
      ...{ before: null, after: { incarnation, ...facts }, reason: null, count: 1 },
      ...{ request_id: null, trace_id: null, personal: {} },
    }));
  }
}

const refusedEvent: EventOf = ({ route, reason }) => ({
  action: 'auth.refused',
  outcome: 'refused',
  target: { type: 'route', id: redactKeys(route).slice(0, 256) },
  reason: reason.slice(0, 500),
});

const signedInEvent: EventOf = ({ keyId, userId }) => ({
  action: 'auth.signed_in',
  outcome: 'success',
  target: keyId === null ? null : { type: 'key', id: keyId, ...(userId && { owner_user_id: userId }) },
  reason: null,
});
