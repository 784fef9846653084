/**
 * Whether somebody still waits for what the running code works on.
 *
 * Like the context of a Go handler, but found rather than handed through every layer: what stops because of
 * it is deep down (a transaction that is not committed), and the layers between have no use for it.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { HokusaiError } from '../errors.ts';

const calls = new AsyncLocalStorage<AbortSignal | undefined>();

/** Runs what serves a call; the signal aborts when the call is cancelled or its deadline has passed. */
export function withinCall<Result>(signal: AbortSignal, work: () => Result): Result {
  return calls.run(signal, work);
}

/** Runs what has to be done although the call may end meanwhile, such as noting its refusal. */
export function outlivingCall<Result>(work: () => Result): Result {
  return calls.run(undefined, work);
}

/** Throws `deadline_exceeded` if the call that is being served has ended; never outside of calls. */
export function throwIfCallEnded(): void {
  if (!calls.getStore()?.aborted) return;
  throw new HokusaiError(
    'deadline_exceeded',
    'The call ended before its work was done; nothing was changed.',
  );
}
