/** Which requests are under way to upstreams, by whose they are: a bound on each, and a way to find them. */
import { Crowd } from './crowd.ts';
import type { Exchange } from './exchange.ts';

export class RunningRequests {
  readonly #maxPerCaller: number;
  readonly #byCaller = new Map<string, Crowd<Exchange>>();
  /** Left empty, and kept for the next caller: most have one request at a time. */
  #spare: Crowd<Exchange> | undefined;

  constructor(maxPerCaller: number) {
    this.#maxPerCaller = maxPerCaller;
  }

  /** False if the caller has as many as it may have already. */
  add(exchange: Exchange): boolean {
    const callerId = callerIdOf(exchange);
    const running = this.#byCaller.get(callerId);
    if (running && running.size >= this.#maxPerCaller) return false;
    (running ?? this.#begin(callerId)).add(exchange);
    return true;
  }

  remove(exchange: Exchange): void {
    const callerId = callerIdOf(exchange);
    const running = this.#byCaller.get(callerId);
    if (!running?.delete(exchange) || running.size > 0) return;
    this.#byCaller.delete(callerId);
    this.#spare = running;
  }

  /** Of a key, just now: to be copied by whoever ends some of them, or keeps them. */
  of(keyId: string): Members {
    return this.#byCaller.get(keyId) ?? NONE;
  }

  /** Keys, and addresses of callers without one. */
  callerIds(): Iterable<string> {
    return this.#byCaller.keys();
  }

  #begin(callerId: string): Crowd<Exchange> {
    const running = this.#spare ?? new Crowd<Exchange>();
    this.#spare = undefined;
    this.#byCaller.set(callerId, running);
    return running;
  }
}

const NONE = new Crowd<Exchange>();

/** To be looked at. */
type Members = Pick<Crowd<Exchange>, 'size' | typeof Symbol.iterator>;

/** The key, or where none is needed the client's address. An id is a UUID: they can't be taken for each other. */
function callerIdOf({ caller, client }: Exchange): string {
  return caller?.state.keyId ?? client.clientIp;
}
