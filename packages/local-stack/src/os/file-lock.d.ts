/**
 * Takes a lock among processes of this machine and returns how to give it back. A holder that was killed
 * doesn't block the others; one that lives is waited for. `onWait` is called once, when it must wait.
 */
export function acquireFileLock(
  path: string,
  options?: { onWait?: (holderPid: number) => void },
): Promise<() => void>;

/** Takes the lock, or says who holds it. */
export function tryFileLock(
  path: string,
): { release: () => void; holderPid?: undefined } | { release?: undefined; holderPid: number };

/** The pid of the living process that holds the lock. */
export function fileLockHolder(path: string): number | undefined;
