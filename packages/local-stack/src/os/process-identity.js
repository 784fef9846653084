// Plain JavaScript, since the launcher in scripts/ needs it before a Node that runs TypeScript is there.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process started, as an opaque string: with the pid it names one process for good, while a bare
 * pid is given to another process sooner or later. `undefined` when there is no such process (a zombie,
 * which only waits to be reaped, counts as gone).
 *
 * @param {number} pid
 * @returns {string | undefined}
 */
export function processStartTime(pid) {
  if (process.platform === 'linux') return linuxStartTime(pid);
  try {
    const started = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return started.trim() || undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid */
function linuxStartTime(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // proc(5): the command (field 2) stands in parentheses and may hold anything, parentheses included.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state, startTicks] = [fields[0], fields[19]];
    return state === 'Z' || state === 'X' ? undefined : startTicks;
  } catch {
    return undefined;
  }
}

/**
 * Whether the process with this pid is still the one that started at `startTime`.
 *
 * @param {number} pid
 * @param {string} startTime as {@link processStartTime} gave it
 */
export function isSameProcess(pid, startTime) {
  return processStartTime(pid) === startTime;
}
