/** Delays as an argument: real in the service, advanced by hand in tests. */
export interface Timers {
  /** Runs `task` once, `delayMs` from now. The result cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

export const systemTimers: Timers = {
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
