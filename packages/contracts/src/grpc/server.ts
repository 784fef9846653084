/** Handlers for gRPC servers as async functions that throw HokusaiError. */
import type { handleServerStreamingCall, handleUnaryCall, ServerWritableStream } from '@grpc/grpc-js';
import { toHokusaiError } from '../errors.ts';
import { toStatus } from './errors.ts';

/** Told of each failed call; `internal` ones are defects and belong in the log. */
export type ErrorObserver = (error: ReturnType<typeof toHokusaiError>, method: string) => void;

/** A unary method from a function that answers or throws. */
export function unaryHandler<Request, Response>(
  handle: (request: Request, signal: AbortSignal) => Promise<Response>,
  observe: ErrorObserver,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const cancelled = new AbortController();
    call.on('cancelled', () => cancelled.abort());
    handle(call.request, cancelled.signal).then(
      (response) => callback(null, response),
      (thrown: unknown) => {
        observe(toHokusaiError(thrown), call.getPath());
        callback(toStatus(thrown));
      },
    );
  };
}

/** A server-streaming method from a generator; respects the client's pace. */
export function streamHandler<Request, Response>(
  handle: (request: Request) => AsyncIterable<Response>,
  observe: ErrorObserver,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    send(call, handle(call.request)).catch((thrown: unknown) => {
      observe(toHokusaiError(thrown), call.getPath());
      call.emit('error', toStatus(thrown));
    });
  };
}

async function send<Response>(
  call: ServerWritableStream<unknown, Response>,
  responses: AsyncIterable<Response>,
): Promise<void> {
  for await (const response of responses) {
    if (call.cancelled) return;
    if (!call.write(response))
      await new Promise((resume) => {
        call.once('drain', resume);
        call.once('cancelled', resume);
      });
  }
  call.end();
}
