import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Connections } from './agent.ts';
import { abortedFailure, type Call, connectionFailure, timeoutFailure } from './connection-failure.ts';
import type { FailedAttempt } from './failed-attempt.ts';
import { IdleTimer } from './idle-timer.ts';
import { onAbort } from './on-abort.ts';

/** Where requests go. */
export interface Server {
  trackingUri: URL;
  connections: Connections;
}

export interface OutgoingHead {
  method: string;
  /** With the tracking URI's path and the query. */
  path: string;
  headers: Record<string, string | number>;
}

export interface ExchangeLimits {
  /** Until the answer's head; what begins then sets it anew. */
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/**
 * One request and its answer. Whatever ends it early (the connection, the time, the signal) is its one `failure`, from
 * which on both sides are destroyed.
 */
export class Exchange {
  readonly request: http.ClientRequest;
  /** Rejects with a FailedAttempt. */
  readonly head: Promise<IncomingMessage>;
  readonly timer: IdleTimer;
  readonly #call: Call;
  readonly #progress = { isConnected: false };
  #response: IncomingMessage | undefined;
  #failure: FailedAttempt | undefined;
  #unfollow = (): void => undefined;
  #reject: (failure: FailedAttempt) => void = () => undefined;

  constructor(server: Server, head: OutgoingHead, limits: ExchangeLimits, call: Call) {
    this.#call = call;
    this.request = open(server, head);
    this.timer = new IdleTimer((timeoutMs) => this.fail(timeoutFailure(timeoutMs, this.#progress, call)));
    this.timer.set(limits.timeoutMs);
    this.head = new Promise((resolve, reject) => {
      this.#reject = reject;
      this.request.once('response', (response) => {
        this.#response = response;
        // Whoever reads it hears of it, too; nobody may be reading yet.
        response.on('error', (error) => this.fail(this.failureOf(error)));
        resolve(response);
      });
    });
    this.request.on('error', (error) => this.fail(this.failureOf(error)));
    const { signal } = limits;
    if (signal !== undefined) this.#unfollow = onAbort(signal, () => this.fail(abortedFailure(signal, call)));
  }

  /** Calls back once bytes can go, and thereby may have an effect. */
  onConnected(callback: () => void): void {
    const connected = () => {
      this.#progress.isConnected = true;
      callback();
    };
    this.request.once('socket', (socket) => {
      if (this.request.reusedSocket || !socket.connecting) connected();
      else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
    });
  }

  /** The failure that an error of either side stands for. */
  failureOf(error: unknown): FailedAttempt {
    return this.#failure ?? connectionFailure(error, this.#progress, this.#call);
  }

  fail(failure: FailedAttempt): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#reject(failure);
    this.release();
    if (this.#response === undefined) this.request.destroy();
    else this.#response.destroy(failure);
  }

  /** It is over: nothing ends it any more. */
  release(): void {
    this.timer.clear();
    this.#unfollow();
  }
}

/** The path goes as it is: parsing it as a URL would resolve what looks like `..` in it. */
function open(
  { trackingUri, connections }: Server,
  { method, path, headers }: OutgoingHead,
): http.ClientRequest {
  connections.endStale();
  const options: http.RequestOptions = {
    protocol: trackingUri.protocol,
    hostname: trackingUri.hostname.replace(/^\[|\]$/g, ''),
    port: trackingUri.port,
    agent: connections.agent,
    method,
    path,
    headers,
  };
  return trackingUri.protocol === 'https:' ? https.request(options) : http.request(options);
}
