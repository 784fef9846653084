/**
 * When a process started, as an opaque string: with the pid it names one process for good, while a bare
 * pid is given to another process sooner or later. `undefined` when there is no such process.
 */
export function processStartTime(pid: number): string | undefined;

/** Whether the process with this pid is still the one that started at `startTime`. */
export function isSameProcess(pid: number, startTime: string): boolean;
