/** One client's connection, for as long as what comes on it is plain. */
import type { Socket } from 'node:net';
import type { Clock } from '@hokusai/service-kit';
import { Deadline } from '../deadline.ts';
import { PlainAnswer } from './plain-answer.ts';
import { PlainHeadReader } from './plain-head.ts';
import { PlainRequest } from './plain-request.ts';

export interface PlainConnectionOptions {
  /** Whether requests with this target are read here. */
  isServed: (url: string) => boolean;
  serve: (request: PlainRequest, answer: PlainAnswer) => void;
  /** Nothing of what comes on it is read here any more; `bytes` have come already. */
  handOver: (socket: Socket, bytes: Buffer) => void;
  /** Where the client is to blame: it is slow, or has gone in the middle. */
  onClientError: (code: string, socket: Socket) => void;
  clock: Pick<Clock, 'now'>;
  /** For the first head to come. */
  headersTimeoutMs: number;
  /** For another request. */
  keepAliveMs: number;
}

const NOTHING: Buffer = Buffer.alloc(0);

export class PlainConnection {
  readonly #socket: Socket;
  readonly #options: PlainConnectionOptions;
  readonly #heads = new PlainHeadReader();
  readonly #idle = new Deadline();
  #request: PlainRequest | undefined;
  #answer: PlainAnswer | undefined;
  /** Of requests behind the one that is under way: their turn comes after its answer. */
  #waiting = NOTHING;
  #isEnding = false;

  constructor(socket: Socket, options: PlainConnectionOptions) {
    this.#socket = socket;
    this.#options = options;
    socket.on('data', this.#receive).on('drain', this.#onDrain).on('end', this.#onEnd);
    socket.on('error', this.#onError).on('close', this.#onClose);
    this.#idle.start(options.headersTimeoutMs, () =>
      options.onClientError('ERR_HTTP_REQUEST_TIMEOUT', this.#leave()),
    );
  }

  readonly #receive = (bytes: Buffer): void => {
    // Also of one that was answered for the last time: whoever drains it counts what comes, and waits for its end.
    const rest = this.#request && !this.#request.complete ? this.#request.takeIn(bytes) : bytes;
    if (this.#isEnding || rest.length === 0) return;
    if (this.#request) this.#holdBack(rest);
    else this.#begin(rest);
  };

  #holdBack(bytes: Buffer): void {
    this.#waiting = this.#waiting.length === 0 ? bytes : Buffer.concat([this.#waiting, bytes]);
    this.#socket.pause();
  }

  #begin(bytes: Buffer): void {
    const { isServed, serve, handOver, clock, keepAliveMs } = this.#options;
    const head = this.#heads.read(bytes);
    if (!head || !isServed(head.url)) {
      handOver(this.#leave(), bytes);
      return;
    }
    this.#idle.clear();
    const socket = this.#socket;
    const { method } = head;
    const request = new PlainRequest(head, socket);
    const answer = new PlainAnswer({ socket, method, clock, keepAliveMs, onFinished: this.#onFinished });
    this.#request = request;
    this.#answer = answer;
    serve(request, answer);
    if (bytes.length > head.end) this.#receive(bytes.subarray(head.end));
  }

  readonly #onFinished = ({ shouldKeepAlive }: PlainAnswer): void => {
    const request = this.#request as PlainRequest;
    if (!shouldKeepAlive) {
      this.#isEnding = true;
      this.#socket.destroySoon();
    } else if (request.complete) this.#goOn();
    // Somebody is draining it.
    else request.once('end', this.#goOn);
  };

  readonly #goOn = (): void => {
    this.#request = undefined;
    this.#answer = undefined;
    this.#idle.start(this.#options.keepAliveMs, this.#onIdle);
    // Others have their turn between the many that may be waiting.
    if (this.#waiting.length > 0) setImmediate(this.#takeWaiting);
    else if (this.#socket.isPaused()) this.#socket.resume();
  };

  readonly #onIdle = (): void => {
    this.#socket.destroy();
  };

  readonly #takeWaiting = (): void => {
    const bytes = this.#waiting;
    this.#waiting = NOTHING;
    if (this.#socket.destroyed) return;
    this.#socket.resume();
    this.#receive(bytes);
  };

  readonly #onDrain = (): void => {
    this.#answer?.emit('drain');
  };

  /** The client sends no more. As Node does, nobody waits for what it may still want to read. */
  readonly #onEnd = (): void => {
    const isCutShort = this.#request && !this.#request.complete;
    if (isCutShort) this.#options.onClientError('HPE_INVALID_EOF_STATE', this.#socket);
    else this.#socket.end();
  };

  /** It closes. */
  readonly #onError = (): void => {};

  readonly #onClose = (): void => {
    this.#idle.clear();
    if (this.#request && !this.#request.complete) this.#request.destroy();
    const answer = this.#answer;
    if (!answer || answer.writableFinished) return;
    answer.destroyed = true;
    answer.emit('close');
  };

  /** From now on it is somebody else's. */
  #leave(): Socket {
    this.#idle.clear();
    const socket = this.#socket;
    socket.off('data', this.#receive).off('drain', this.#onDrain).off('end', this.#onEnd);
    return socket.off('error', this.#onError).off('close', this.#onClose);
  }
}
