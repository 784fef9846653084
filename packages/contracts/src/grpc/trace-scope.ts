/**
 * The trace that the running code works for. Found rather than handed through every layer, as the end of a call is
 * (`call-scope.ts`): only what leaves the process has a use for it. Where nothing is traced, nothing is kept.
 */
import { AsyncLocalStorage } from 'node:async_hooks';

const traces = new AsyncLocalStorage<string>();

/** Runs what works for the span that `traceparent` names (W3C Trace Context). */
export function withinTrace<Result>(traceparent: string, work: () => Result): Result {
  return traces.run(traceparent, work);
}

/** Undefined outside of what is traced. */
export function currentTraceparent(): string | undefined {
  return traces.getStore();
}
