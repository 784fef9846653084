import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { Exchange } from './exchange.ts';

/**
 * The answer's body, with errors of the SDK in place of the connection's, and a time-out that counts only while the server
 * is waited for, not while nobody reads.
 */
export function receivedBody(response: IncomingMessage, exchange: Exchange, timeoutMs: number): Readable {
  const body = new Readable({
    read() {
      exchange.timer.set(timeoutMs);
      response.resume();
    },
    destroy(error, callback) {
      exchange.release();
      response.destroy();
      callback(error);
    },
  });
  exchange.timer.clear();
  response.on('data', (chunk: Buffer) => {
    exchange.timer.clear();
    if (body.push(chunk)) exchange.timer.set(timeoutMs);
    else response.pause();
  });
  response.on('end', () => {
    exchange.release();
    body.push(null);
  });
  response.on('error', (error) => body.destroy(exchange.failureOf(error).error));
  response.pause();
  return body;
}
