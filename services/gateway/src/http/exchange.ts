import type { HokusaiError } from '@hokusai/contracts/errors';
import type { Scope } from '@hokusai/contracts/scopes';
import type { Clock } from '@hokusai/service-kit';
import { isoInstant } from '../domain/iso-instant.ts';
import type { AuthenticatedKey } from '../domain/ports.ts';
import type { Standing } from '../domain/rate-limits.ts';
import type { TraceContext } from '../domain/trace-context.ts';
import { breakOff } from './break-off.ts';
import type { ClientPath } from './client-path.ts';
import type { ClientAnswer, ClientRequest } from './client-request.ts';
import { Deadline } from './deadline.ts';

export interface ExchangeStart {
  incoming: ClientRequest;
  outgoing: ClientAnswer;
  requestId: string;
  trace: TraceContext;
  client: ClientPath;
  /** The client sends its body only after `100 Continue`. */
  expectsContinue: boolean;
  /** The client asks for an upgrade of its connection: what came after its head. */
  upgradeHead?: Buffer | undefined;
  clock: Clock;
  onEnd: (exchange: Exchange) => void;
}

/** Where requests go, for statistics. */
export interface Route {
  readonly upstream: string;
  readonly endpoint: string;
}

/** What goes on for an exchange and can be ended from outside. */
export interface ExchangeWork {
  /** The client has left, or the request may not go on. Whoever works on it then answers with the reason. */
  stop(reason?: HokusaiError): void;
}

/** Where an exchange takes a place until it ends. */
export interface Places {
  /** Throws HokusaiError if there is none. */
  enter(exchange: Exchange): void;
  leave(exchange: Exchange): void;
}

/** One request and its answer: what is known of it, and what happened so far. */
export class Exchange {
  readonly incoming: ClientRequest;
  readonly outgoing: ClientAnswer;
  readonly requestId: string;
  readonly trace: TraceContext;
  readonly client: ClientPath;
  readonly expectsContinue: boolean;
  readonly upgradeHead: Buffer | undefined;
  /** Wall clock, ms since the epoch. */
  readonly startedAtMs: number;
  /** Set once that is known. */
  route: Route | undefined;
  /** What the route needs; null where any working key will do, or none. */
  neededScope: Scope | null = null;
  /** Who is asking: set once the key is proved. */
  caller: AuthenticatedKey | undefined;
  /** How its key stands to its limits: set when it is charged, or refused. */
  rateLimit: Standing | undefined;
  /** Why we refused it after the key was proved. */
  refusal: string | undefined;
  /** Why it would have been refused, were refusals not observed only. */
  wouldRefuse: string | undefined;
  /** Why the answer is an error of ours: the same code as in its `type`. */
  reason: string | undefined;
  /** Keys are taken as passwords here. */
  takesBasic = false;
  /** The key stood in the query. */
  hasKeyInQuery = false;
  /** The upstream has switched protocols: there is no other answer. */
  isUpgraded = false;
  /** Bytes of the bodies, or of the upgraded connection, both ways. */
  bytesIn = 0;
  bytesOut = 0;
  /** From the start to the first byte of the answer; null if there is none yet. */
  firstByteMs: number | null = null;
  /** Whoever works on it may give it one; it ends with the exchange. */
  readonly deadline = new Deadline();
  readonly #clock: Clock;
  readonly #startedMonotonicMs: number;
  readonly #onEnd: (exchange: Exchange) => void;
  #places: Places | undefined;
  #work: ExchangeWork | undefined;
  #cutOffBy: HokusaiError | undefined;
  #hasLeft = false;
  #hasEnded = false;
  /** Once it has ended. */
  #durationMs: number | undefined;

  constructor(start: ExchangeStart) {
    this.incoming = start.incoming;
    this.outgoing = start.outgoing;
    this.requestId = start.requestId;
    this.trace = start.trace;
    this.client = start.client;
    this.expectsContinue = start.expectsContinue;
    this.upgradeHead = start.upgradeHead;
    this.startedAtMs = start.clock.now();
    this.#clock = start.clock;
    this.#startedMonotonicMs = start.clock.monotonic();
    this.#onEnd = start.onEnd;
  }

  /** The client's connection was closed before its answer was complete. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** RFC 3339, in UTC. */
  startedAt(): string {
    return isoInstant(this.startedAtMs);
  }

  /** Since the start, until the end. */
  elapsedMs(): number {
    return this.#durationMs ?? this.#clock.monotonic() - this.#startedMonotonicMs;
  }

  markFirstByte(): void {
    this.firstByteMs ??= this.elapsedMs();
  }

  /** Who works on it wants to know when it is over. Replaces the one before. */
  set work(work: ExchangeWork | undefined) {
    this.#work = work;
  }

  /** Takes one of the places, until it ends. Throws HokusaiError if there is none. */
  occupy(places: Places): void {
    if (this.#hasEnded) return;
    places.enter(this);
    this.#places = places;
  }

  /** Why it may not go on, if it was cut off. */
  get cutOffBy(): HokusaiError | undefined {
    return this.#cutOffBy;
  }

  /**
   * Ends a request that was let in and may not go on. One that has not been answered yet is answered with
   * the error; of an answer that is under way the client sees that it is not whole.
   */
  cutOff(error: HokusaiError): void {
    if (this.#hasEnded || this.#cutOffBy) return;
    this.#cutOffBy = error;
    this.refusal = error.reason;
    this.reason = error.reason;
    if (this.outgoing.headersSent) breakOff(this.outgoing);
    this.#work?.stop(error);
  }

  /** The connection is closed. */
  leave(): void {
    if (this.#hasEnded) return;
    // A connection that was handed over, for a handshake, ends with its answer, or has none but what it carried.
    this.#hasLeft = !this.isUpgraded && !this.outgoing.writableFinished;
    this.#work?.stop();
    this.end();
  }

  /** Takes effect once, however it came to its end. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#durationMs = this.elapsedMs();
    this.deadline.clear();
    this.#work = undefined;
    this.#places?.leave(this);
    this.#onEnd(this);
  }
}
