import type { IncomingHttpHeaders } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import type { ClientRequest } from '../client-request.ts';
import type { PlainHead } from './plain-head.ts';

/** A request that was read by us: as Node's, as far as anybody here looks at it. */
export class PlainRequest extends Readable implements ClientRequest {
  readonly httpVersion = '1.1';
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: string[];
  readonly socket: Socket;
  #left: number;

  constructor({ method, url, headers, rawHeaders, bodyBytes }: PlainHead, socket: Socket) {
    super({ autoDestroy: false });
    this.method = method;
    this.url = url;
    this.headers = headers;
    this.rawHeaders = rawHeaders;
    this.socket = socket;
    this.#left = bodyBytes;
  }

  /** All of it has come in. */
  get complete(): boolean {
    return this.#left === 0;
  }

  /** Takes in what is its own of what has come; returns the rest. */
  takeIn(bytes: Buffer): Buffer {
    const length = Math.min(bytes.length, this.#left);
    this.#left -= length;
    const isTaken = this.push(length === bytes.length ? bytes : bytes.subarray(0, length));
    if (this.#left === 0) this.push(null);
    else if (!isTaken) this.socket.pause();
    return bytes.subarray(length);
  }

  override _read(): void {
    if (this.#left > 0) this.socket.resume();
    else if (!this.readableEnded) this.push(null);
  }
}
