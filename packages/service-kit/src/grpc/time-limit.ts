/** Ends unary calls whose callers set no deadline: nobody works for ever for someone who may have gone. */
import { ServerInterceptingCall, type ServerInterceptor } from '@grpc/grpc-js';
import { HokusaiError, toStatus } from '@hokusai/contracts';

/**
 * Such a call ends with DEADLINE_EXCEEDED after the milliseconds that its path has. Streams last for as long as
 * both sides want.
 */
export function limitTime(limitMsOf: (path: string) => number): ServerInterceptor {
  return ({ path, requestStream, responseStream }, call) => {
    if (requestStream || responseStream || call.getDeadline() !== Number.POSITIVE_INFINITY)
      return new ServerInterceptingCall(call);
    const limitMs = limitMsOf(path);
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
  const message = `The call took longer than ${limitMs / 1000} s, which is the limit for calls without a deadline.`;
  return new HokusaiError('deadline_exceeded', message);
}
