/** What a client asks and is answered, whoever reads and writes it: Node's server, or our own for plain requests. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';

/** A stream of its body. Names of `headers` are in lower case; `rawHeaders` has names and values, flat, as they were sent. */
export type ClientRequest = Readable &
  Pick<IncomingMessage, 'method' | 'url' | 'httpVersion' | 'headers' | 'rawHeaders' | 'socket' | 'complete'>;

type AnswerState = Pick<
  ServerResponse,
  'headersSent' | 'statusCode' | 'writableEnded' | 'writableFinished' | 'writableNeedDrain' | 'destroyed'
>;
type AnswerEvents = 'on' | 'once' | 'off' | 'prependOnceListener';

/** Events: `drain`, `finish` when all of it was given to the connection, `close` when it is over. */
export interface ClientAnswer extends Readonly<AnswerState>, Pick<NodeJS.EventEmitter, AnswerEvents> {
  /** Null while it waits for others before it. */
  readonly socket: Socket | null;
  /** False: the connection ends with it. To be set before its head. */
  shouldKeepAlive: boolean;
  setHeader(name: string, value: string): unknown;
  hasHeader(name: string): boolean;
  /** `headers`: names and values, flat, that may stand in a head. */
  writeHead(status: number, headers: string[]): unknown;
  writeHead(status: number, reason: string | undefined, headers: string[]): unknown;
  flushHeaders(): void;
  /** False: to be continued at `drain`. */
  write(chunk: Buffer, onWritten?: (error: Error | null | undefined) => void): boolean;
  end(body?: Buffer): unknown;
  end(body: string, encoding: 'latin1'): unknown;
  addTrailers(trailers: [name: string, value: string][]): void;
  writeContinue(): void;
  destroy(): unknown;
}
