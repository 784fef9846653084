import type { Memory } from './server/memory.ts';

const ADJECTIVES = ['able', 'bold', 'calm', 'fair', 'glad', 'keen', 'neat', 'wise'];
const NOUNS = ['ant', 'bee', 'carp', 'deer', 'elk', 'finch', 'gnu', 'hare'];

/** @param random gives 16 bytes anew each time */
export function randomRuns(random: () => Uint8Array): Memory['newRun'] {
  return () => {
    const bytes = random();
    const word = (words: readonly string[], index: number) => words[(bytes[index] ?? 0) % words.length];
    return {
      runId: Buffer.from(bytes).toString('hex'),
      runName: `${word(ADJECTIVES, 0)}-${word(NOUNS, 1)}-${bytes[2]}`,
    };
  };
}

/** The first run's id ends with 1, and it is `run-1` unless it is given a name. */
export function countedRuns(): Memory['newRun'] {
  let count = 0;
  return () => {
    count += 1;
    return { runId: String(count).padStart(32, '0'), runName: `run-${count}` };
  };
}
