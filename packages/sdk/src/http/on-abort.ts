import { setMaxListeners } from 'node:events';

/**
 * Calls back when the signal is aborted, also if it is already. Returns what ends that. Any number of calls may share a
 * signal, which Node would take for a leak, with a warning for the program's user.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return () => undefined;
  if (signal.aborted) {
    callback();
    return () => undefined;
  }
  setMaxListeners(0, signal);
  signal.addEventListener('abort', callback, { once: true });
  return () => signal.removeEventListener('abort', callback);
}
