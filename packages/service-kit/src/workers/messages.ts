/** What a worker and its parent know of each other, beside questions about health. */

/** Tells a worker its number, on its command line, where people see it too. */
export const WORKER_OPTION = '--worker=';

/** A worker serves from now on. */
export const STARTED = { worker: 'started' } as const;

export function isStarted(message: unknown): boolean {
  return (message as Partial<typeof STARTED> | null)?.worker === STARTED.worker;
}

/** A worker has a successor, and may finish what it has under way. */
export const RETIRE = { worker: 'retire' } as const;

export function isRetire(message: unknown): boolean {
  return (message as Partial<typeof RETIRE> | null)?.worker === RETIRE.worker;
}
