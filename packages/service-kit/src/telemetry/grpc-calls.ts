/** Counts the calls of a gRPC server. */
import { ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js';
import type { Metrics } from './metrics.ts';
import type { ServiceMetrics } from './service-metrics.ts';

/** To be asked first, so that calls count that others refuse. Streams are counted when they end, and not timed. */
export function measureCalls(
  metrics: Metrics,
  definitions: Pick<ServiceMetrics, 'calls' | 'callDuration'>,
  monotonicMs = () => performance.now(),
): ServerInterceptor {
  const calls = metrics.counter(definitions.calls);
  const durations = metrics.histogram(definitions.callDuration);
  return ({ path, requestStream, responseStream }, call) => {
    const startedMs = monotonicMs();
    let hasEnded = false;
    const end = (code: number) => {
      if (hasEnded) return;
      hasEnded = true;
      const method = path.slice(path.lastIndexOf('/') + 1);
      calls.of(method, status[code] ?? 'UNKNOWN').add();
      if (!requestStream && !responseStream) durations.of(method).observe((monotonicMs() - startedMs) / 1000);
    };
    return new ServerInterceptingCall(call, {
      start: (next) => next({ onCancel: () => end(status.CANCELLED) }),
      sendStatus: (outcome, next) => {
        end(outcome.code ?? status.UNKNOWN);
        next(outcome);
      },
    });
  };
}
