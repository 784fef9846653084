import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect young objects in the main thread alone, for a process that serves many small requests on one
 * core. The threads that would help share that core with the one that waits for them: without them the pauses are
 * half as long, and what survives of such requests is too little to be worth sharing out.
 */
export function collectInOneThread(): void {
  setFlagsFromString('--no-parallel-scavenge');
}
