/** An answer as it is written to the connection (RFC 9112): the same bytes as Node would send. */
import { EventEmitter } from 'node:events';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Clock } from '@hokusai/service-kit';
import { httpDate } from '../../domain/http-date.ts';
import { rememberingTexts } from '../../domain/remembering-texts.ts';
import type { ClientAnswer } from '../client-request.ts';

export interface PlainAnswerOptions {
  socket: Socket;
  /** Of the request. */
  method: string;
  clock: Pick<Clock, 'now'>;
  keepAliveMs: number;
  /** It was given to the connection, whole. */
  onFinished: (answer: PlainAnswer) => void;
}

/** A body of that size is one write with what stands before it. */
const SMALL_BYTES = 8192;
/** To be written as a text costs less than to be written apart from its frame. */
const TINY_BYTES = 1024;

export class PlainAnswer extends EventEmitter implements ClientAnswer {
  readonly socket: Socket;
  statusCode = 200;
  shouldKeepAlive = true;
  headersSent = false;
  writableEnded = false;
  writableFinished = false;
  destroyed = false;
  readonly #options: PlainAnswerOptions;
  readonly #own = new Map<string, string>();
  /** Not written yet. */
  #head = '';
  #hasBody: boolean;
  #isChunked = false;
  #isGathering = false;
  #trailers = '';

  constructor(options: PlainAnswerOptions) {
    super();
    this.socket = options.socket;
    this.#options = options;
    this.#hasBody = options.method !== 'HEAD';
  }

  get writableNeedDrain(): boolean {
    return !this.writableEnded && this.socket.writableNeedDrain;
  }

  setHeader(name: string, value: string): void {
    this.#own.set(name, value);
  }

  hasHeader(name: string): boolean {
    return this.#own.has(name);
  }

  writeHead(status: number, ...rest: [string[]] | [string | undefined, string[]]): void {
    if (this.headersSent) throw new Error('the head was written already');
    const [reason, headers] = rest.length === 1 ? [undefined, rest[0]] : rest;
    this.statusCode = status;
    this.headersSent = true;
    if (status === 204 || status === 304) this.#hasBody = false;
    const fields = this.#own.size === 0 ? headers : [...[...this.#own].flat(), ...headers];
    this.#head = `HTTP/1.1 ${status} ${reason ?? STATUS_CODES[status] ?? 'unknown'}\r\n${this.#fieldLines(fields)}\r\n`;
  }

  /** As they are given, and what they leave open: the date, the connection, where the body ends. */
  #fieldLines(fields: readonly string[]): string {
    let lines = '';
    let [hasDate, hasLength, hasConnection] = [false, false, false];
    for (let index = 0; index < fields.length; index += 2) {
      const [name, value] = [fields[index] as string, fields[index + 1] as string];
      lines += `${name}: ${value}\r\n`;
      const kind = kindOf(name);
      if (kind === 'plain') continue;
      hasDate ||= kind === 'date';
      hasLength ||= kind === 'length';
      if (kind !== 'connection') continue;
      hasConnection = true;
      if (/close/i.test(value)) this.shouldKeepAlive = false;
    }
    if (!hasDate) lines += `Date: ${httpDate(this.#options.clock.now())}\r\n`;
    if (!hasConnection) lines += this.#connectionLines();
    if (hasLength || !this.#hasBody) return lines;
    this.#isChunked = true;
    return `${lines}Transfer-Encoding: chunked\r\n`;
  }

  #connectionLines(): string {
    if (!this.shouldKeepAlive) return 'Connection: close\r\n';
    return `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.floor(this.#options.keepAliveMs / 1000)}\r\n`;
  }

  flushHeaders(): void {
    if (this.#head !== '') this.socket.write(this.#takeHead(), 'latin1');
  }

  write(chunk: Buffer, onWritten?: (error: Error | null | undefined) => void): boolean {
    if (this.writableEnded) throw new Error('the answer has ended already');
    return this.#write(chunk, onWritten);
  }

  #write(chunk: Buffer, onWritten?: (error: Error | null | undefined) => void): boolean {
    if (!this.#hasBody || chunk.length === 0) {
      this.flushHeaders();
      if (onWritten) process.nextTick(onWritten);
      return true;
    }
    if (!this.#isChunked) {
      this.flushHeaders();
      return this.socket.write(chunk, onWritten);
    }
    this.#gather();
    return this.#writeChunk(chunk, onWritten);
  }

  /** What comes in one turn leaves together: of tiny chunks there may be thousands. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.socket.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      this.socket.uncork();
    });
  }

  #writeChunk(chunk: Buffer, onWritten?: (error: Error | null | undefined) => void): boolean {
    const { socket } = this;
    const before = `${this.#takeHead()}${chunk.length.toString(16)}\r\n`;
    if (chunk.length <= TINY_BYTES)
      return socket.write(`${before}${chunk.toString('latin1')}\r\n`, 'latin1', onWritten);
    socket.write(before, 'latin1');
    socket.write(chunk, onWritten);
    return socket.write('\r\n', 'latin1');
  }

  end(body?: Buffer | string): void {
    if (this.writableEnded) return;
    this.writableEnded = true;
    if (typeof body === 'string') this.#endWith(body);
    else if (body && body.length > SMALL_BYTES) {
      this.#write(body);
      this.#endWith('');
    }
    // As Latin-1, which keeps every byte, a body is one text with its head.
    else this.#endWith(body?.toString('latin1') ?? '');
  }

  /** `body`: in Latin-1. */
  #endWith(body: string): void {
    let text = this.#takeHead();
    if (this.#hasBody) text += this.#isChunked ? this.#lastChunks(body) : body;
    this.socket.write(text, 'latin1', this.#onWritten);
  }

  #lastChunks(body: string): string {
    const chunk = body === '' ? '' : `${body.length.toString(16)}\r\n${body}\r\n`;
    return `${chunk}0\r\n${this.#trailers}\r\n`;
  }

  #takeHead(): string {
    const head = this.#head;
    this.#head = '';
    return head;
  }

  /** Are sent with a body in chunks only. */
  addTrailers(trailers: [name: string, value: string][]): void {
    for (const [name, value] of trailers) this.#trailers += `${name}: ${value}\r\n`;
  }

  /** No plain request waits for it. */
  writeContinue(): void {}

  /** The client sees that it is not whole. */
  destroy(): void {
    // The connection may be another's by now.
    if (this.writableFinished) return;
    this.destroyed = true;
    this.socket.destroy();
  }

  readonly #onWritten = (error?: Error | null): void => {
    if (error) return;
    this.writableFinished = true;
    this.emit('finish');
    this.emit('close');
    this.#options.onFinished(this);
  };
}

/** The same few names all the time. */
const kindOf = rememberingTexts((name): 'date' | 'length' | 'connection' | 'plain' => {
  switch (name.toLowerCase()) {
    case 'date':
      return 'date';
    case 'content-length':
      return 'length';
    case 'connection':
      return 'connection';
    default:
      return 'plain';
  }
});
