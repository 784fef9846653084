/** The client of HTTP/1.1, and an upstream that answers with whatever bytes a test wants. */
import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import {
  type AnswerFlow,
  type AnswerHandler,
  type AnswerHead,
  ConnectFailed,
  ConnectionPool,
  type UpstreamRequest,
} from '../../src/http/http1/index.ts';
import { ManualClock } from './manual-clock.ts';
import { startRawUpstream, type TestUpstream } from './upstream.ts';

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
export const GET: UpstreamRequest = { method: 'GET', path: '/', headers: ['Host', 'x'], body: null };

interface Answer {
  head: AnswerHead;
  body: string;
  trailers: readonly string[];
}

/** Collects an answer. */
export class Collector implements AnswerHandler {
  readonly answer: Promise<Answer>;
  flow: AnswerFlow | undefined;
  isSent = false;
  bytes = 0;
  readonly #chunks: Buffer[] = [];
  #head: AnswerHead | undefined;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: Error) => void;

  constructor() {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => {});
  }

  get head(): AnswerHead | undefined {
    return this.#head;
  }

  onSending(flow: AnswerFlow): void {
    this.flow = flow;
  }
  onSent(): void {
    this.isSent = true;
  }
  onHead(head: AnswerHead): void {
    assert.equal(this.#head, undefined);
    this.#head = head;
  }
  onData(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#chunks.push(chunk);
  }
  onArrived(): void {}
  onEnd(trailers: readonly string[]): void {
    const body = Buffer.concat(this.#chunks).toString('latin1');
    this.#resolve({ head: this.#head as AnswerHead, body, trailers });
  }
  onError(error: Error): void {
    this.#reject(error);
  }
}

/** What an upstream does with a connection: the same answer to whatever comes. */
export const answering = (bytes: string) => (socket: Socket) =>
  void socket.on('data', () => socket.write(bytes));
/** The same, and the end of the connection. */
export const answeringOnce = (bytes: string) => (socket: Socket) =>
  void socket.on('data', () => socket.end(Buffer.from(bytes, 'latin1')));

export class Http1Ground {
  readonly clock = new ManualClock();
  /** What the upstream does with a connection. */
  onSocket: (socket: Socket) => void = answering(OK);
  /** Connections that were made. */
  connected = 0;
  upstream!: TestUpstream;
  pool!: ConnectionPool;

  async open(): Promise<void> {
    this.upstream = await startRawUpstream((socket) => this.onSocket(socket));
    this.pool = this.poolTo(this.upstream.port);
  }

  async close(): Promise<void> {
    const closed = this.pool.close();
    await this.upstream.close();
    await closed;
  }

  poolTo(port: number, change = (_socket: Socket) => {}): ConnectionPool {
    return new ConnectionPool({
      connect: (onDone) => {
        const socket = connect(port, '127.0.0.1');
        change(socket);
        const onError = (error: Error) => onDone(new ConnectFailed(error, false));
        socket.once('error', onError).once('connect', () => onDone(socket.off('error', onError)));
      },
      ...{ idleMs: 4000, clock: this.clock },
      onConnected: () => {
        this.connected += 1;
      },
      onConnectFailed: () => {},
    });
  }

  send(request: Partial<UpstreamRequest> = {}): Collector {
    const collector = new Collector();
    this.pool.send({ ...GET, ...request }, collector);
    return collector;
  }
}
