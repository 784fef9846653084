import { setFlagsFromString } from 'node:v8';

/**
 * Has V8 collect young objects in the main thread alone, for a process that serves many small requests on one
 * core. The threads that would help share that core with the one that waits for them: without them the pauses are
 * half as long, and what survives of such requests is too little to be worth sharing out.
 */
export function collectInOneThread(): void {
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * Has V8 keep its heap near to what is in use, for a process through whose memory much passes: texts and objects
 * that end at once, and buffers that don't. What is young stays as small as it is at the start, where V8 by itself
 * lets it grow to tens of MiB. What is old, buffers included, is collected when it is twice as much as what was in use
 * the last time: V8 by itself does that several times as often where little is in use, and buffers come fast.
 */
export function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1');
  setFlagsFromString('--heap-growing-percent=100');
}
