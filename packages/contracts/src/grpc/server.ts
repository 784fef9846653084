/** Handlers for gRPC servers as async functions that throw HokusaiError. */
import { once } from 'node:events';
import type { handleServerStreamingCall, handleUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { toHokusaiError } from '../errors.ts';
import { toStatus } from './errors.ts';

/** Told of each failed call; `internal` ones are defects and belong in the log. */
export type ErrorObserver = (error: ReturnType<typeof toHokusaiError>, method: string) => void;

/** A unary method from a function that answers or throws. The signal aborts when nobody waits any more. */
export function unaryHandler<Request, Response>(
  handle: (request: Request, signal: AbortSignal) => Promise<Response>,
  observe: ErrorObserver,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const cancelled = new AbortController();
    call.on('cancelled', () => cancelled.abort());
    const answer = async () => await handle(call.request, cancelled.signal);
    answer().then(
      (response) => callback(null, response),
      (thrown: unknown) => {
        observe(toHokusaiError(thrown), call.getPath());
        callback(toStatus(thrown));
      },
    );
  };
}

/**
 * A server-streaming method from a generator; respects the client's pace. The signal aborts when nobody
 * reads any more: a generator that waits for something ends its wait then, one that yields is returned.
 */
export function streamHandler<Request, Response>(
  handle: (request: Request, signal: AbortSignal) => AsyncIterable<Response>,
  observe: ErrorObserver,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const cancelled = new AbortController();
    call.on('cancelled', () => cancelled.abort());
    send(call, handle, cancelled.signal).catch((thrown: unknown) => {
      if (cancelled.signal.aborted) return;
      observe(toHokusaiError(thrown), call.getPath());
      call.emit('error', toStatus(thrown));
    });
  };
}

async function send<Request, Response>(
  call: ServerWritableStream<Request, Response>,
  handle: (request: Request, signal: AbortSignal) => AsyncIterable<Response>,
  signal: AbortSignal,
): Promise<void> {
  for await (const response of handle(call.request, signal)) {
    if (signal.aborted) return;
    // Aborts when the reader has gone, for whom there will be no drain.
    if (!call.write(response)) await once(call, 'drain', { signal });
  }
  call.end();
}
