/**
 * Takes a lock among processes of this machine and returns how to give it back. A holder that was killed
 * doesn't block the others; one that lives is waited for. `onWait` is called once, when it must wait.
 */
export function acquireFileLock(
  path: string,
  options?: { onWait?: (holderPid: number) => void },
): Promise<() => void>;
