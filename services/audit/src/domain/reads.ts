/**
 * Who read the log: `audit.read` events, which this service appends to the chain itself. The first of a reader, a
 * kind and what was asked for is appended before it is answered; those of the minute after it become one more event.
 */
import type { AuditEvent } from '@hokusai/contracts';
import { type ErrorCode, HokusaiError } from '@hokusai/contracts/errors';
import { isUuid } from '@hokusai/contracts/identifiers';
import type { IncomingEvent } from './chain.ts';
import type { Appender } from './ports.ts';

export type ReadKind = 'list' | 'show' | 'export' | 'verify' | 'checkpoints';

export interface AuditRead {
  kind: ReadKind;
  /** As the call says; each may be empty. */
  reader: {
    actingUserId: string;
    actingKeyId: string;
    requestId: string;
    clientIp: string;
    userAgent: string;
  };
  /** The calling service, by the name of its credential. */
  service: string;
  /** What was asked for, by name. */
  criteria: Readonly<Record<string, string>>;
}

export interface AuditReadsOptions {
  append: Appender['append'];
  /** CloudEvents `source`: this instance. */
  origin: string;
  /** The wall clock, in milliseconds. */
  now: () => number;
  newId: () => string;
  /** Runs a task once, so much later. The result cancels it. */
  after: (delayMs: number, task: () => void) => () => void;
  /** Told of an event that has to wait: it is tried again. */
  onDelayed: (error: unknown) => void;
  /** For how long reads are counted; READ_FOLD_MS if absent. */
  foldMs?: number | undefined;
}

/** Since the first one. */
export const READ_FOLD_MS = 60_000;
const RETRY_MS = 5000;
/** Different questions of one reader and kind that are told apart at the same time. */
const MAX_QUESTIONS = 10;
const ACTION = 'audit.read';
const GATEWAY = 'gateway';
const MAX_CRITERION = 256;

/** Codes of calls that were not allowed, or about what the reader may not know of. */
const REFUSALS: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'permission_denied', 'not_found']);

interface ToldRead extends AuditRead {
  /** Stable code; null: it was answered. */
  refusal: string | null;
}

interface Fold {
  latest: ToldRead;
  /** How many came after the one that was told by itself. */
  count: number;
  readerKey: string;
  /** Ends its window early. */
  end: () => void;
  /** The one that was told by itself; rejects if it could not be. */
  first: Promise<void>;
}

export class AuditReads {
  readonly #options: AuditReadsOptions;
  readonly #folds = new Map<string, Fold>();
  /** Folds of each reader and kind that have a question of their own. */
  readonly #questions = new Map<string, number>();
  /** What is to be appended, and what cancels its next attempt. */
  readonly #waiting = new Map<IncomingEvent, () => void>();

  constructor(options: AuditReadsOptions) {
    this.#options = options;
  }

  /** Runs what answers a read, and has it in the log before the answer is given. Throws also where it can't be. */
  async during<Result>(read: AuditRead, answer: () => Promise<Result>): Promise<Result> {
    let result: Result;
    try {
      result = await answer();
    } catch (error) {
      if (error instanceof HokusaiError && REFUSALS.has(error.code))
        await this.record(read, error.reason ?? error.code);
      throw error;
    }
    await this.record(read);
    return result;
  }

  /** Resolves when it is in the log, or counted with what is there. */
  async record(read: AuditRead, refusal: string | null = null): Promise<void> {
    const criteria = shortened(read.criteria);
    const told = { ...read, criteria, refusal };
    const { reader, kind } = read;
    const readerKey = JSON.stringify([reader.actingUserId, reader.actingKeyId, kind, refusal]);
    const question = JSON.stringify([readerKey, Object.entries(criteria).toSorted()]);
    const isCrowded = (this.#questions.get(readerKey) ?? 0) >= MAX_QUESTIONS;
    const isApart = this.#folds.has(question) || !isCrowded;
    const key = isApart ? question : readerKey;
    const known = this.#folds.get(key);
    if (known) {
      known.latest = isApart ? told : { ...told, criteria: {} };
      known.count += 1;
      return known.first;
    }
    const first = this.#options.append([this.#eventOf(told, 1)]);
    this.#open(key, { latest: told, count: 0, readerKey, first });
    try {
      await first;
    } catch (error) {
      this.#close(key);
      throw error;
    }
  }

  /** Appends what is counted so far. What the database does not take now is lost. */
  async close(): Promise<void> {
    for (const key of [...this.#folds.keys()]) this.#end(key);
    const events = [...this.#waiting.keys()];
    for (const cancel of this.#waiting.values()) cancel();
    this.#waiting.clear();
    if (events.length > 0) await this.#options.append(events);
  }

  #open(key: string, fold: Omit<Fold, 'end'>): void {
    const end = this.#options.after(this.#options.foldMs ?? READ_FOLD_MS, () => {
      this.#end(key);
      void this.#appendWaiting();
    });
    this.#folds.set(key, { ...fold, end });
    this.#questions.set(fold.readerKey, (this.#questions.get(fold.readerKey) ?? 0) + 1);
  }

  #end(key: string): void {
    const fold = this.#close(key);
    if (fold && fold.count > 0) this.#waiting.set(this.#eventOf(fold.latest, fold.count), () => {});
  }

  #close(key: string): Fold | undefined {
    const fold = this.#folds.get(key);
    if (!fold) return undefined;
    fold.end();
    this.#folds.delete(key);
    const rest = (this.#questions.get(fold.readerKey) ?? 0) - 1;
    if (rest > 0) this.#questions.set(fold.readerKey, rest);
    else this.#questions.delete(fold.readerKey);
    return fold;
  }

  /** The same events under the same ids until they are in the log: what is there already is not appended again. */
  async #appendWaiting(): Promise<void> {
    const events = [...this.#waiting.keys()];
    for (const event of events) this.#waiting.get(event)?.();
    try {
      await this.#options.append(events);
      for (const event of events) this.#waiting.delete(event);
    } catch (error) {
      this.#options.onDelayed(error);
      const cancel = this.#options.after(RETRY_MS, () => void this.#appendWaiting());
      for (const event of events) if (this.#waiting.has(event)) this.#waiting.set(event, cancel);
    }
  }

  #eventOf({ kind, reader, service, criteria, refusal }: ToldRead, count: number): IncomingEvent {
    const { origin, newId, now } = this.#options;
    const event: AuditEvent = {
      action: ACTION,
      outcome: refusal === null ? 'success' : 'refused',
      occurred_at: new Date(now()).toISOString(),
      actor: {
        user_id: uuidOrNull(reader.actingUserId),
        key_id: uuidOrNull(reader.actingKeyId),
        key_prefix: null,
        ...(service === GATEWAY || service === ''
          ? { via: 'gateway' }
          : { via: 'grpc', service: service.slice(0, 64) }),
      },
      target: { type: 'audit', id: kind },
      before: null,
      after: Object.keys(criteria).length === 0 ? null : { asked_for: withoutPersonal(criteria) },
      reason: refusal,
      count,
      request_id: withoutAddress(reader.requestId.slice(0, 128)) || null,
      trace_id: null,
      personal: {
        ...(reader.clientIp && { client_ip: reader.clientIp.slice(0, 64) }),
        ...(reader.userAgent && { user_agent: reader.userAgent.slice(0, 256) }),
      },
    };
    return { eventId: newId(), source: 'audit', origin, event };
  }
}

/** Nothing in an event's body can be erased: that addresses were asked for may stay, which ones may not. */
const PERSONAL: ReadonlySet<string> = new Set(['client_ip']);
const HIDDEN = '[personal]';
/** Whatever contains an email address contains this. */
const EMAIL_WITHIN = /[^\s@]@[^\s@]/;

function withoutPersonal(criteria: AuditRead['criteria']): Record<string, string> {
  const entries = Object.entries(criteria).map(
    ([name, value]) => [name, PERSONAL.has(name) ? HIDDEN : withoutAddress(value)] as const,
  );
  return Object.fromEntries(entries);
}

function withoutAddress(text: string): string {
  return EMAIL_WITHIN.test(text) ? HIDDEN : text;
}

/** Before anything of it is kept: a call may be as long as a message, and is remembered for a minute. */
function shortened(criteria: AuditRead['criteria']): Record<string, string> {
  const entries = Object.entries(criteria).map(([name, value]) => [name, value.slice(0, MAX_CRITERION)]);
  return Object.fromEntries(entries);
}

function uuidOrNull(text: string): string | null {
  return isUuid(text) ? text : null;
}
