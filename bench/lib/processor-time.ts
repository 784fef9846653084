/** What a process has used of the processors. */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Since its start. Fields 14 and 15 of `/proc/<pid>/stat`. */
export function cpuSecondsOf(pid: number): number {
  const fields = statOf(pid);
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Of this process and all that have come from it: those that are still there, and its own children that have ended. */
export function cpuSecondsOfAll(): number {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const parent = Number(orGone(() => statOf(Number(name)))?.[1]);
    parents.set(Number(name), parent);
  }
  const isOurs = (pid: number | undefined): boolean =>
    pid !== undefined && (pid === process.pid || isOurs(parents.get(pid)));
  const ours = [...parents.keys()].filter(isOurs);
  const ended = statOf(process.pid);
  const endedSeconds = (Number(ended[13]) + Number(ended[14])) / TICKS_PER_SECOND;
  return ours.reduce((sum, pid) => sum + (orGone(() => cpuSecondsOf(pid)) ?? 0), endedSeconds);
}

/** From the third field on, which stands behind a name in parentheses (proc_pid_stat(5)). */
function statOf(pid: number): string[] {
  return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
}

function orGone<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
