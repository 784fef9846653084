import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const KIB = 1024;

/** Bytes of memory that a process has in use (its resident set); 0 once it has ended. */
export function residentBytes(pid: number): number {
  return KIB * (existsSync('/proc/self/status') ? ofProc(pid) : ofPs(pid));
}

function ofProc(pid: number): number {
  try {
    return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function ofPs(pid: number): number {
  return Number(spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' }).stdout);
}

/** By how much a process's memory grows at the most while `work` runs. */
export async function growthDuring(pid: number, work: () => Promise<void>): Promise<number> {
  const start = residentBytes(pid);
  let most = start;
  const watch = setInterval(() => {
    most = Math.max(most, residentBytes(pid));
  }, 50);
  try {
    await work();
  } finally {
    clearInterval(watch);
  }
  return Math.max(most, residentBytes(pid)) - start;
}
