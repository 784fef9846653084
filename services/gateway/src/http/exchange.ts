import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '@hokusai/contracts/scopes';
import type { Clock } from '@hokusai/service-kit';
import type { AuthenticatedKey } from '../domain/ports.ts';
import type { TraceContext } from '../domain/trace-context.ts';
import type { ClientPath } from './client-path.ts';

export interface ExchangeStart {
  incoming: IncomingMessage;
  outgoing: ServerResponse;
  requestId: string;
  trace: TraceContext;
  client: ClientPath;
  /** The client sends its body only after `100 Continue`. */
  expectsContinue: boolean;
  clock: Clock;
  onEnd: (exchange: Exchange) => void;
}

/** One request and its answer: what is known of it, and what happened so far. */
export class Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly requestId: string;
  readonly trace: TraceContext;
  readonly client: ClientPath;
  readonly expectsContinue: boolean;
  /** Wall clock, ms since the epoch. */
  readonly startedAtMs: number;
  /** Where it goes, for statistics: set once that is known. */
  route: { upstream: string; endpoint: string } | undefined;
  /** What the route needs; null where any working key will do, or none. */
  neededScope: Scope | null = null;
  /** Who is asking: set once the key is proved. */
  caller: AuthenticatedKey | undefined;
  /** Why we refused it after the key was proved. */
  refusal: string | undefined;
  /** Keys are taken as passwords here. */
  takesBasic = false;
  /** The key stood in the query. */
  hasKeyInQuery = false;
  /** Bytes of the bodies, both ways. */
  bytesIn = 0;
  bytesOut = 0;
  /** From the start to the first byte of the answer; null if there is none yet. */
  firstByteMs: number | null = null;
  readonly #clock: Clock;
  readonly #startedMonotonicMs: number;
  readonly #onEnd: (exchange: Exchange) => void;
  #onLeave: (() => void) | undefined;
  #hasLeft = false;
  #hasEnded = false;

  constructor(start: ExchangeStart) {
    this.incoming = start.incoming;
    this.outgoing = start.outgoing;
    this.requestId = start.requestId;
    this.trace = start.trace;
    this.client = start.client;
    this.expectsContinue = start.expectsContinue;
    this.startedAtMs = start.clock.now();
    this.#clock = start.clock;
    this.#startedMonotonicMs = start.clock.monotonic();
    this.#onEnd = start.onEnd;
  }

  /** The client's connection is closed, and the answer was not complete. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** Since the start. */
  elapsedMs(): number {
    return this.#clock.monotonic() - this.#startedMonotonicMs;
  }

  markFirstByte(): void {
    this.firstByteMs ??= this.elapsedMs();
  }

  /** Who works on it wants to know when the client leaves. Replaces the one before. */
  set onLeave(listener: (() => void) | undefined) {
    this.#onLeave = listener;
  }

  leave(): void {
    if (this.#hasEnded) return;
    this.#hasLeft = true;
    this.#onLeave?.();
    this.end();
  }

  /** Takes effect once, however it came to its end. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#onLeave = undefined;
    this.#onEnd(this);
  }
}
