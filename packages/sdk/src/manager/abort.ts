import { AbortedError } from '../errors/errors.ts';

/** The same promise, but for a signal that ends the wait for it; what it stands for goes on. */
export function rejectOnAbort<Result>(
  promise: Promise<Result>,
  signal: AbortSignal | undefined,
  doing: string,
): Promise<Result> {
  if (!signal) {
    return promise;
  }
  return new Promise<Result>((resolve, reject) => {
    const abort = () =>
      reject(
        new AbortedError(`The signal ended ${doing}; what was on its way goes on.`, { cause: signal.reason }),
      );
    const settled = () => signal.removeEventListener('abort', abort);
    promise.then(resolve, reject).finally(settled);
    if (signal.aborted) {
      abort();
    } else {
      signal.addEventListener('abort', abort);
    }
  });
}
