/** A connection to an upstream, which carries one request at a time. */
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { type AnswerHead, readAnswerHead } from './answer-head.ts';
import { ChunkedDecoder } from './chunked-decoder.ts';
import { BrokenConnection, MalformedAnswer } from './errors.ts';
import { HEAD_END, MAX_HEAD_BYTES, PartialHead } from './partial-head.ts';
import { RequestBodyWriter } from './request-body-writer.ts';
import type { RequestText } from './request-text.ts';

/** A request, ready to be written. */
export interface WritableRequest extends RequestText {
  method: string;
  body: Readable | null;
}

/** The answer's flow, as whoever takes it in directs it. */
export interface AnswerFlow {
  pause(): void;
  resume(): void;
  /** Ends the request; nothing is told of it any more. */
  abort(): void;
}

/** Told what becomes of a request, in this order; `failed` may come in place of anything but `ended`. */
export interface AnswerHandler {
  /** It has a connection: some of it may be sent from now on. */
  onSending(flow: AnswerFlow): void;
  /** All of it, the body included, was given to the connection. */
  onSent(): void;
  onHead(head: AnswerHead): void;
  onData(chunk: Buffer): void;
  /** All that has come so far was handed over, and there is more to come. */
  onArrived(): void;
  /** `trailers`: names and values, flat, in Latin-1. */
  onEnd(trailers: readonly string[]): void;
  onError(error: Error): void;
}

export interface ConnectionEvents {
  /** It has served a request, and can serve another. */
  onFree(connection: Connection): void;
  onClosed(connection: Connection): void;
}

export class Connection implements AnswerFlow {
  /** How long the server keeps it while it is idle, as it said last. */
  keepAliveMs: number | undefined;
  readonly #socket: Socket;
  readonly #events: ConnectionEvents;
  #handler: AnswerHandler | undefined;
  #method = '';
  #writer: RequestBodyWriter | undefined;
  #isSent = false;
  /** What came of a head that is not whole. */
  #partial: PartialHead | undefined;
  #head: AnswerHead | undefined;
  /** Bytes of the body that are still to come, where that is known. */
  #left = 0;
  #chunks: ChunkedDecoder | undefined;
  #cause: Error | undefined;

  /** `socket`: connected, and nobody else's. */
  constructor(socket: Socket, events: ConnectionEvents) {
    this.#socket = socket;
    this.#events = events;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#receive(bytes));
    socket.on('end', () => this.#endOfInput());
    socket.on('error', (error) => {
      this.#cause = error;
    });
    socket.on('close', () => {
      if (this.#handler) this.#fail(new BrokenConnection(this.#cause));
      events.onClosed(this);
    });
  }

  get isUsable(): boolean {
    return this.#socket.writable && !this.#socket.destroyed;
  }

  /** Only where it is usable and carries none. */
  send({ method, text, body, bodyBytes }: WritableRequest, handler: AnswerHandler): void {
    this.#handler = handler;
    this.#method = method;
    this.#isSent = false;
    this.#head = undefined;
    handler.onSending(this);
    if (this.#handler !== handler) return;
    if (body) this.#writer = this.#writeBody(text, body, bodyBytes);
    else {
      this.#socket.write(text, 'latin1');
      this.#noteSent();
    }
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  abort(): void {
    this.#handler = undefined;
    this.close();
  }

  /** At once; a request that it carries fails. */
  close(): void {
    this.#writer?.stop();
    this.#socket.destroy();
  }

  #writeBody(head: string, body: Readable, bodyBytes: number | undefined): RequestBodyWriter {
    return new RequestBodyWriter(this.#socket, {
      ...{ head, body, bodyBytes },
      onSent: () => this.#noteSent(),
      onError: (error) => {
        this.#fail(error);
        this.close();
      },
    });
  }

  #noteSent(): void {
    this.#isSent = true;
    this.#handler?.onSent();
  }

  #receive(bytes: Buffer): void {
    const handler = this.#handler;
    // Nobody has asked: whatever it is, it must not be taken for the answer to what is asked next.
    if (!handler) {
      this.close();
      return;
    }
    try {
      let at = 0;
      while (at < bytes.length && this.#handler === handler)
        at = this.#head ? this.#takeBody(this.#head, handler, bytes, at) : this.#takeHead(handler, bytes, at);
      if (this.#handler === handler) handler.onArrived();
      // Behind the end of an answer there is nothing to come.
      else if (at < bytes.length) this.close();
    } catch (error) {
      // Malformed, or what the handler has thrown: it is the one to know.
      this.#handler = undefined;
      this.close();
      handler.onError(error as Error);
    }
  }

  /** How far it got: an interim answer is one that is followed by another head. */
  #takeHead(handler: AnswerHandler, bytes: Buffer, at: number): number {
    // Nearly always it comes in one piece.
    const end = this.#partial ? -1 : bytes.indexOf(HEAD_END, at, 'latin1');
    if (end < 0) return this.#takePartialHead(handler, bytes, at);
    if (end - at > MAX_HEAD_BYTES) throw new MalformedAnswer('its head is too large');
    this.#readHead(handler, bytes.toString('latin1', at, end));
    return end + HEAD_END.length;
  }

  #takePartialHead(handler: AnswerHandler, bytes: Buffer, at: number): number {
    this.#partial ??= new PartialHead();
    const end = this.#partial.take(bytes, at);
    if (end < 0) return bytes.length;
    const { text } = this.#partial;
    this.#partial = undefined;
    this.#readHead(handler, text);
    return end;
  }

  #readHead(handler: AnswerHandler, text: string): void {
    const head = readAnswerHead(text, this.#method);
    if (head.status === 101) throw new MalformedAnswer('it switches protocols, which nobody has asked for');
    if (head.status >= 200) this.#begin(head, handler);
  }

  #begin(head: AnswerHead, handler: AnswerHandler): void {
    this.#head = head;
    this.keepAliveMs = head.keepAliveMs;
    this.#chunks = head.body === 'chunked' ? new ChunkedDecoder() : undefined;
    this.#left = typeof head.body === 'number' ? head.body : Number.POSITIVE_INFINITY;
    handler.onHead(head);
    if (this.#left === 0 && this.#handler === handler) this.#finish(handler, []);
  }

  #takeBody(head: AnswerHead, handler: AnswerHandler, bytes: Buffer, at: number): number {
    if (this.#chunks) return this.#takeChunks(this.#chunks, handler, bytes, at);
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    handler.onData(at === 0 && end === bytes.length ? bytes : bytes.subarray(at, end));
    if (this.#left === 0 && this.#handler === handler && head.body !== 'until-close')
      this.#finish(handler, []);
    return end;
  }

  #takeChunks(chunks: ChunkedDecoder, handler: AnswerHandler, bytes: Buffer, at: number): number {
    const end = chunks.take(bytes, at, (piece) => {
      if (this.#handler === handler) handler.onData(piece);
    });
    if (end >= 0 && this.#handler === handler) this.#finish(handler, chunks.trailers);
    return end < 0 ? bytes.length : end;
  }

  /** The answer is whole. What is left of the request is wanted no more, and could not be told from the next one. */
  #finish(handler: AnswerHandler, trailers: readonly string[]): void {
    this.#handler = undefined;
    const isReusable = this.#isSent && this.#head?.isLast === false && this.isUsable;
    if (isReusable) this.#socket.resume();
    else this.close();
    this.#writer = undefined;
    handler.onEnd(trailers);
    if (isReusable && this.isUsable) this.#events.onFree(this);
  }

  #endOfInput(): void {
    const handler = this.#handler;
    if (handler && this.#head?.body === 'until-close') this.#finish(handler, []);
    else this.close();
  }

  #fail(error: Error): void {
    const handler = this.#handler;
    this.#handler = undefined;
    this.#writer?.stop();
    handler?.onError(error);
  }
}
