/** Which processes a supervisor has started: a pid file for each, and what tells them from later ones. */
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isSameProcess, processStartTime } from '../os/process-identity.js';
import { signalTree } from '../os/processes.ts';

export interface RecordedProcess {
  name: string;
  pid: number;
  startTime: string;
}

export interface RunDirectory {
  /** Writes `<name>.pid`. */
  record(name: string, pid: number): void;
  forget(name: string): void;
  /** Recorded processes that still run, in the order of their start. */
  living(): RecordedProcess[];
}

export function openRunDirectory(directory: string): RunDirectory {
  const list = join(directory, 'processes.json');
  const pidFile = (name: string) => join(directory, `${name}.pid`);

  const read = (): RecordedProcess[] => (existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : []);
  const write = (processes: readonly RecordedProcess[]) => {
    writeFileSync(`${list}.partial`, JSON.stringify(processes, null, 2));
    renameSync(`${list}.partial`, list);
  };
  const forget = (name: string) => {
    write(read().filter((other) => other.name !== name));
    rmSync(pidFile(name), { force: true });
  };

  return {
    record: (name, pid) => {
      const startTime = processStartTime(pid);
      // It has ended already; whoever waits for it will tell.
      if (startTime === undefined) return;
      write([...read().filter((other) => other.name !== name), { name, pid, startTime }]);
      writeFileSync(pidFile(name), `${pid}\n`);
    },
    forget,
    living: () => read().filter(({ pid, startTime }) => isSameProcess(pid, startTime)),
  };
}

const GRACE_MS = 15_000;
const POLL_MS = 50;

/** Ends what a supervisor that was killed has left running, newest first; returns their names. */
export async function endLeftovers(directory: string): Promise<string[]> {
  const run = openRunDirectory(directory);
  const leftovers = run.living().reverse();
  for (const leftover of leftovers) await end(leftover);
  for (const { name } of leftovers) run.forget(name);
  return leftovers.map(({ name }) => name);
}

async function end({ name, pid, startTime }: RecordedProcess): Promise<void> {
  signalTree(pid, 'SIGCONT');
  // To Postgres SIGTERM means: once the last session has ended by itself.
  signalTree(pid, name === 'postgres' ? 'SIGINT' : 'SIGTERM');
  const deadline = performance.now() + GRACE_MS;
  while (isSameProcess(pid, startTime)) {
    if (performance.now() > deadline) signalTree(pid, 'SIGKILL');
    await delay(POLL_MS);
  }
}
