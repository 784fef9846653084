/** A span for each call of a gRPC server that belongs to a trace. */
import { ServerInterceptingCall, type ServerInterceptor, ServerListenerBuilder, status } from '@grpc/grpc-js';
import { withinTrace } from '@hokusai/contracts';
import { isTraceparent, type TraceSpan, type Tracing } from './tracing.ts';

/** Streams of clients are left out: they last for days. Nothing is asked of calls where nothing is traced. */
export function traceCalls(tracing: Tracing | undefined): ServerInterceptor[] {
  return tracing ? [traced(tracing)] : [];
}

function traced(tracing: Tracing): ServerInterceptor {
  return ({ path, requestStream }, call) => {
    if (requestStream) return new ServerInterceptingCall(call);
    let span: TraceSpan | undefined;
    const end = (code: number) => {
      span?.end({
        attributes: { 'rpc.response.status_code': status[code] ?? 'UNKNOWN' },
        hasFailed: code !== status.OK,
      });
      span = undefined;
    };
    const listener = new ServerListenerBuilder()
      .withOnReceiveMetadata((metadata, next) => {
        const parent = String(metadata.get('traceparent')[0] ?? '');
        if (isTraceparent(parent))
          span = tracing.start('server', path.slice(1), parent, { 'rpc.system.name': 'grpc' });
        next(metadata);
      })
      // Handlers of one request start here.
      .withOnReceiveHalfClose((next) => (span ? withinTrace(span.traceparent, next) : next()))
      .withOnCancel(() => end(status.CANCELLED))
      .build();
    return new ServerInterceptingCall(call, {
      start: (next) => next(listener),
      sendStatus: (outcome, next) => {
        end(outcome.code ?? status.UNKNOWN);
        next(outcome);
      },
    });
  };
}
