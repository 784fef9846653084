/** Connections to one upstream: used again as long as they are fresh, and opened as they are needed. */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { Clock } from '@hokusai/service-kit';
import { type AnswerHandler, Connection, type WritableRequest } from './connection.ts';
import type { ConnectFailed } from './errors.ts';
import { type RequestHead, requestText } from './request-text.ts';

export interface UpstreamRequest extends Omit<RequestHead, 'hasBody'> {
  /** Read as fast as the upstream takes it; destroyed where the answer ends before it does. */
  body: Readable | null;
}

export interface ConnectionPoolOptions {
  /** Calls back once, with a connected socket or with the reason why there is none. */
  connect: (onDone: (outcome: Socket | ConnectFailed) => void) => void;
  /** How long an idle connection is kept, if the server does not say that it keeps it for less. */
  idleMs: number;
  clock: Pick<Clock, 'monotonic'>;
  onConnected: () => void;
  onConnectFailed: (error: ConnectFailed) => void;
}

/** A server closes at its time, and a request must not cross that on its way. */
const KEEP_ALIVE_MARGIN_MS = 1000;
const SWEEP_MS = 250;

export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  /** The one that was used last stands at the end, and is used first. */
  readonly #idle: { connection: Connection; untilMs: number }[] = [];
  readonly #open = new Set<Connection>();
  #connecting = 0;
  #sweeper: NodeJS.Timeout | undefined;
  #closed: Promise<void> | undefined;
  #onAllClosed: (() => void) | undefined;

  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
  }

  /**
   * Sends a request on a connection of its own for as long as it takes. There is no bound to how many there are: who
   * lets requests in has one. What goes wrong is told to the handler: ConnectFailed, BrokenConnection, MalformedAnswer,
   * UnsendableRequest.
   *
   * `isFresh`: on a new connection, where idle ones may all be broken without a sign of it, as one has proved to be.
   */
  send(request: UpstreamRequest, handler: AnswerHandler, { isFresh = false } = {}): void {
    const { method, body } = request;
    let writable: WritableRequest;
    try {
      writable = { method, body, ...requestText({ ...request, hasBody: body !== null }) };
    } catch (error) {
      handler.onError(error as Error);
      return;
    }
    const connection = isFresh ? undefined : this.#takeIdle();
    if (connection) connection.send(writable, handler);
    else this.#connect(writable, handler);
  }

  /** Resolves when the requests that are under way have ended, and all connections are closed. */
  close(): Promise<void> {
    clearInterval(this.#sweeper);
    this.#closed ??= new Promise((resolve) => {
      this.#onAllClosed = resolve;
      for (const { connection } of this.#idle.splice(0)) connection.close();
      this.#tellIfAllClosed();
    });
    return this.#closed;
  }

  #takeIdle(): Connection | undefined {
    const nowMs = this.#options.clock.monotonic();
    for (let last = this.#idle.pop(); last; last = this.#idle.pop()) {
      if (last.untilMs > nowMs && last.connection.isUsable) return last.connection;
      last.connection.close();
    }
    return undefined;
  }

  #connect(request: WritableRequest, handler: AnswerHandler): void {
    const { connect, onConnected, onConnectFailed } = this.#options;
    this.#connecting += 1;
    connect((outcome) => {
      this.#connecting -= 1;
      if (outcome instanceof Error) {
        onConnectFailed(outcome);
        handler.onError(outcome);
        this.#tellIfAllClosed();
      } else {
        onConnected();
        this.#opened(outcome).send(request, handler);
      }
    });
  }

  #opened(socket: Socket): Connection {
    const connection = new Connection(socket, {
      onFree: (free) => this.#keep(free),
      onClosed: (closed) => this.#forget(closed),
    });
    this.#open.add(connection);
    return connection;
  }

  #keep(connection: Connection): void {
    const { idleMs, clock } = this.#options;
    const { keepAliveMs = Number.POSITIVE_INFINITY } = connection;
    const forMs = Math.min(idleMs, keepAliveMs - KEEP_ALIVE_MARGIN_MS);
    if (this.#onAllClosed || forMs <= 0) {
      connection.close();
      return;
    }
    this.#idle.push({ connection, untilMs: clock.monotonic() + forMs });
    this.#sweeper ??= setInterval(() => this.#sweep(), SWEEP_MS).unref();
  }

  #forget(connection: Connection): void {
    this.#open.delete(connection);
    const place = this.#idle.findIndex((idle) => idle.connection === connection);
    if (place >= 0) this.#idle.splice(place, 1);
    this.#tellIfAllClosed();
  }

  #sweep(): void {
    const nowMs = this.#options.clock.monotonic();
    for (const { connection } of this.#idle.filter(({ untilMs }) => untilMs <= nowMs)) connection.close();
    if (this.#open.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #tellIfAllClosed(): void {
    if (this.#open.size === 0 && this.#connecting === 0) this.#onAllClosed?.();
  }
}
