import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';

const KIB = 1024;

/** Bytes of memory that a process has in use (its resident set). */
export function residentBytes(pid: number): number {
  const file = `/proc/${pid}/status`;
  if (existsSync(file)) return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(file, 'utf8'))?.[1]) * KIB;
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * KIB;
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
