/** Ends unary calls that take too long: nobody works for ever for someone who may have gone. */
import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { HokusaiError, toStatus } from '@hokusai/contracts';

/**
 * A call ends with DEADLINE_EXCEEDED after the milliseconds that its path has, or at its deadline if that comes
 * first. Streams last for as long as both sides want.
 */
export function limitTime(limitMsOf: (path: string) => number): ServerInterceptor {
  return ({ path, requestStream, responseStream }, call) => {
    const limitMs = limitMsOf(path);
    if (requestStream || responseStream || Number(call.getDeadline()) <= Date.now() + limitMs)
      return new ServerInterceptingCall(call);
    const timer = setTimeout(() => call.sendStatus(toStatus(exceeded(limitMs))), limitMs);
    return new ServerInterceptingCall(call, {
      start: (next) => next({ onCancel: () => clearTimeout(timer) }),
      sendStatus: (status, next) => {
        clearTimeout(timer);
        next(status);
      },
    });
  };
}

function exceeded(limitMs: number): HokusaiError {
  const message = `The call took longer than ${limitMs / 1000} s, which is the limit for its method.`;
  return new HokusaiError('deadline_exceeded', message);
}
