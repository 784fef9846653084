import type { Readable } from 'node:stream';
import { InvalidRequestError } from '../errors/errors.ts';
import type { Exchange } from './exchange.ts';
import { FailedAttempt } from './failed-attempt.ts';

export interface StreamedBody {
  open: () => Readable;
  size: number | undefined;
  onBytes: (count: number) => void;
  /** Of silence while the server takes bytes. */
  timeoutMs: number;
}

/** A server that keeps the file elsewhere copies it before it answers: it gets another second for so many bytes. */
const BYTES_PER_SECOND_OF_PATIENCE = 10_000_000;

/** Sends the bytes as fast as the server takes them. Time counts only while the server is waited for. */
export function sendStream(exchange: Exchange, body: StreamedBody): void {
  const { request, timer } = exchange;
  exchange.onConnected(() => {
    const source = opened(exchange, body);
    if (!source) return;
    let sent = 0;
    timer.clear();
    request.on('drain', () => {
      timer.clear();
      source.resume();
    });
    source.on('data', (chunk: Uint8Array) => {
      sent += chunk.length;
      if (body.size !== undefined && sent > body.size) {
        source.destroy(wrongSize(body.size, 'more'));
        return;
      }
      body.onBytes(chunk.length);
      if (request.write(chunk)) return;
      source.pause();
      timer.set(body.timeoutMs);
    });
    source.on('end', () => {
      if (body.size !== undefined && sent < body.size) return fail(exchange, wrongSize(body.size, 'fewer'));
      timer.set(body.timeoutMs + Math.ceil(sent / BYTES_PER_SECOND_OF_PATIENCE) * 1000);
      request.end();
    });
    source.on('error', (error) => fail(exchange, error));
    request.on('close', () => source.destroy());
    // An answer before the end is a refusal, or an error: nobody reads the rest.
    request.on('response', () => source.destroy());
  });
}

/** undefined if it can't be opened, which ends the exchange: thrown here it would end the program. */
function opened(exchange: Exchange, { open }: StreamedBody): Readable | undefined {
  try {
    return open();
  } catch (error) {
    fail(exchange, error as Error);
    return undefined;
  }
}

/** Not the server's fault: sending it again would not help. */
function fail(exchange: Exchange, error: Error): void {
  exchange.fail(new FailedAttempt(error, { kind: 'permanent' }));
}

function wrongSize(size: number, comparison: 'more' | 'fewer'): Error {
  return new InvalidRequestError(
    `There are ${comparison} bytes to upload than the ${size} that were announced; did the file change?`,
  );
}
