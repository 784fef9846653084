/** Freezes processes, and returns when they stand. */
import { readdirSync, readFileSync } from 'node:fs';
import { signalTree } from '@hokusai/local-stack';
import { eventually } from './eventually.ts';

/** A process and all its descendants. The signal alone would let threads run on for as long as they have a core. */
export async function freezeTree(pid: number): Promise<void> {
  signalTree(pid, 'SIGSTOP');
  await eventually(() => {
    if (!threadStates(pid).every((state) => state === 'T')) throw new Error(`process ${pid} runs on`);
  });
}

/** proc(5). Empty for a process that is gone, and where there is no /proc. */
function threadStates(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      return /^\d+ \(.*\) ([A-Za-z])/s.exec(stat)?.[1] ?? [];
    });
  } catch {
    return [];
  }
}
