import { Readable } from 'node:stream';
import type { ClientRequest } from './client-request.ts';

export interface RequestBodyEvents {
  /** Somebody wants the body now: the moment for `100 Continue`. */
  onWanted: () => void;
  /** A chunk came in, or the reader asked for more. */
  onProgress: (bytes: number) => void;
}

/**
 * A request's body as its own stream. Whoever sends it destroys it when an upstream answers early or breaks off;
 * destroying the request itself would take the client's connection with it, and the answer could no longer be
 * sent. So this one is destroyed, and the rest of the request stays to be drained.
 */
export class RequestBody extends Readable {
  readonly #incoming: ClientRequest;
  readonly #events: RequestBodyEvents;
  #isStarted = false;
  #isWaitingForClient = false;

  constructor(incoming: ClientRequest, events: RequestBodyEvents) {
    super();
    this.#incoming = incoming;
    this.#events = events;
  }

  /** True while the reader waits for the client, false while the client waits for the reader. */
  get isWaitingForClient(): boolean {
    return this.#isWaitingForClient;
  }

  /** Nothing of it has been asked for: it could be sent again. */
  get isUnread(): boolean {
    return !this.#isStarted;
  }

  override _read(): void {
    this.#isWaitingForClient = true;
    if (this.#isStarted) this.#incoming.resume();
    else this.#start();
    this.#events.onProgress(0);
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    const incoming = this.#incoming.off('data', this.#onData).off('end', this.#onEnd);
    // Somebody may be draining the rest already.
    if (incoming.listenerCount('data') === 0) incoming.pause();
    callback(error);
  }

  #start(): void {
    this.#isStarted = true;
    this.#events.onWanted();
    this.#incoming.on('data', this.#onData).on('end', this.#onEnd);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#events.onProgress(chunk.length);
    if (this.push(chunk)) return;
    this.#isWaitingForClient = false;
    this.#incoming.pause();
  };

  readonly #onEnd = (): void => {
    this.push(null);
  };
}
