/** Writes a request with a body to a connection, at the pace of the slower side. */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { UnsendableRequest } from './errors.ts';

export interface WrittenRequest {
  /** With its empty line. It leaves together with what is there of the body: one packet for both, if they are small. */
  head: string;
  body: Readable;
  /** As the head says; undefined: in chunks. */
  bodyBytes: number | undefined;
  /** The last of it was given to the socket. */
  onSent: () => void;
  /** The body is not what the head says. */
  onError: (error: Error) => void;
}

export class RequestBodyWriter {
  readonly #socket: Socket;
  readonly #request: WrittenRequest;
  #head: string | undefined;
  #written = 0;

  constructor(socket: Socket, request: WrittenRequest) {
    this.#socket = socket;
    this.#request = request;
    this.#head = request.head;
    request.body.on('data', this.#onData).on('end', this.#onEnd);
    socket.on('drain', this.#onDrain);
    // Not later: until then the server takes the connection for an idle one, and may close it.
    setImmediate(this.#writeHead);
  }

  /** Nobody wants the rest. */
  stop(): void {
    this.#leave();
    this.#request.body.destroy();
  }

  #leave(): void {
    this.#head = undefined;
    this.#request.body.off('data', this.#onData).off('end', this.#onEnd);
    this.#socket.off('drain', this.#onDrain);
  }

  readonly #onData = (chunk: Buffer): void => {
    const { bodyBytes, body } = this.#request;
    // In chunks, it would stand for the end.
    if (chunk.length === 0) return;
    this.#written += chunk.length;
    if (bodyBytes !== undefined && this.#written > bodyBytes) {
      this.#refuse();
      return;
    }
    const socket = this.#socket;
    socket.cork();
    this.#writeHead();
    if (bodyBytes === undefined) socket.write(`${chunk.length.toString(16)}\r\n`, 'latin1');
    const isTaken = socket.write(chunk);
    if (bodyBytes === undefined) socket.write('\r\n', 'latin1');
    socket.uncork();
    if (!isTaken || socket.writableNeedDrain) body.pause();
  };

  readonly #onEnd = (): void => {
    const { bodyBytes, onSent } = this.#request;
    if (bodyBytes !== undefined && this.#written < bodyBytes) {
      this.#refuse();
      return;
    }
    this.#socket.cork();
    this.#writeHead();
    if (bodyBytes === undefined) this.#socket.write('0\r\n\r\n', 'latin1');
    this.#socket.uncork();
    this.#leave();
    onSent();
  };

  readonly #onDrain = (): void => {
    this.#request.body.resume();
  };

  readonly #writeHead = (): void => {
    const head = this.#head;
    this.#head = undefined;
    if (head !== undefined && this.#socket.writable) this.#socket.write(head, 'latin1');
  };

  /** One byte too many, or too few, and the next request would begin elsewhere than where the server sees it begin. */
  #refuse(): void {
    this.#leave();
    this.#request.onError(new UnsendableRequest('the body is not as long as its head says'));
  }
}
