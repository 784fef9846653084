/** Handlers for gRPC servers as async functions that throw HokusaiError. */
import { once } from 'node:events';
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  Metadata,
  ServerWritableStream,
} from '@grpc/grpc-js';
import { toHokusaiError } from '../errors.ts';
import { withinCall } from './call-scope.ts';
import { toStatus } from './errors.ts';

/** A call as far as an observer of errors is told of it. */
export interface ObservedCall {
  getPath(): string;
  metadata: Metadata;
}

/** Told of each failed call; `internal` ones are defects and belong in the log. `caller` is the calling service. */
export type ErrorObserver = (
  error: ReturnType<typeof toHokusaiError>,
  method: string,
  caller: string | undefined,
) => void;

/** Set by the server, never taken from the wire. */
const CALLER_NAME = 'hokusai-caller';

/** Notes who calls in the metadata that handlers get, in place of the credential that proved it. */
export function noteCaller(metadata: Metadata, name: string | undefined): void {
  metadata.remove('authorization');
  metadata.remove(CALLER_NAME);
  if (name !== undefined) metadata.set(CALLER_NAME, name);
}

/** Tells the observer of a failed call, and by whom it was made. */
export function observeFailure(observe: ErrorObserver, call: ObservedCall, thrown: unknown): void {
  observe(toHokusaiError(thrown), call.getPath(), callerName(call));
}

function callerName({ metadata }: Pick<ObservedCall, 'metadata'>): string | undefined {
  return metadata.get(CALLER_NAME)[0]?.toString();
}

/**
 * A unary method from a function that answers or throws. The signal aborts when nobody waits any more: the
 * call was cancelled, or its deadline has passed. Transactions that are under way then are not committed
 * (`call-scope.ts`). `caller` is the calling service by the name of its credential; empty where none was asked for.
 */
export function unaryHandler<Request, Response>(
  handle: (request: Request, signal: AbortSignal, caller: string) => Promise<Response>,
  observe: ErrorObserver,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    const cancelled = new AbortController();
    call.on('cancelled', () => cancelled.abort());
    const answer = async () => await handle(call.request, cancelled.signal, callerName(call) ?? '');
    withinCall(cancelled.signal, answer).then(
      (response) => callback(null, response),
      (thrown: unknown) => {
        observeFailure(observe, call, thrown);
        callback(toStatus(thrown));
      },
    );
  };
}

/**
 * A server-streaming method from a generator; respects the client's pace. The signal aborts when nobody
 * reads any more: a generator that waits for something ends its wait then, one that yields is returned. `caller` as
 * of a unary method.
 */
export function streamHandler<Request, Response>(
  handle: (request: Request, signal: AbortSignal, caller: string) => AsyncIterable<Response>,
  observe: ErrorObserver,
): handleServerStreamingCall<Request, Response> {
  return (call) => {
    const cancelled = new AbortController();
    call.on('cancelled', () => cancelled.abort());
    withinCall(cancelled.signal, () => send(call, handle, cancelled.signal)).catch((thrown: unknown) => {
      if (cancelled.signal.aborted) return;
      observeFailure(observe, call, thrown);
      call.emit('error', toStatus(thrown));
    });
  };
}

async function send<Request, Response>(
  call: ServerWritableStream<Request, Response>,
  handle: (request: Request, signal: AbortSignal, caller: string) => AsyncIterable<Response>,
  signal: AbortSignal,
): Promise<void> {
  for await (const response of handle(call.request, signal, callerName(call) ?? '')) {
    if (signal.aborted) return;
    // Aborts when the reader has gone, for whom there will be no drain.
    if (!call.write(response)) await once(call, 'drain', { signal });
  }
  call.end();
}
