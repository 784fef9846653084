/** The running processes of a stack: recorded, watched, and ended in order. */
import type { Exit, RunningProcess } from '../os/processes.ts';
import type { RunDirectory } from './run-directory.ts';

export interface Processes {
  /** Takes a process in as soon as it runs. */
  add(running: RunningProcess, stop: () => Promise<void>): void;
  /** From here on its end is a crash; until it is ready, that is for whoever starts it to notice. */
  watch(name: string): void;
  /** Resolves with the first watched process that ends before `stopAll`. */
  crashed: Promise<{ running: RunningProcess; exit: Exit }>;
  /** Ends all, one group after another; `onStop` is told of each when it is gone. */
  stopAll(onStop: (name: string) => void): Promise<void>;
}

/**
 * First the door, then those who may still have something to send, then those who store it, and the
 * servers that hold the data last.
 */
const STOP_ORDER: readonly (readonly string[])[] = [
  ['gateway'],
  ['keys'],
  ['usage', 'audit'],
  ['mlflow', 'nats', 'redis', 'postgres'],
];

export function createProcesses(runDirectory: RunDirectory): Processes {
  const members = new Map<string, { running: RunningProcess; stop: () => Promise<void> }>();
  const crash = Promise.withResolvers<{ running: RunningProcess; exit: Exit }>();
  let isStopping = false;

  const stopOne = async (name: string, onStop: (name: string) => void) => {
    const member = members.get(name);
    if (member === undefined) return;
    await member.stop();
    members.delete(name);
    runDirectory.forget(name);
    onStop(name);
  };

  return {
    crashed: crash.promise,
    add: (running, stop) => {
      members.set(running.name, { running, stop });
      runDirectory.record(running.name, running.pid);
      // Too late to be among those that were stopped.
      if (isStopping) void stop();
    },
    watch: (name) => {
      const running = members.get(name)?.running;
      void running?.exited.then((exit) => {
        if (!isStopping) crash.resolve({ running, exit });
      });
    },
    stopAll: async (onStop) => {
      isStopping = true;
      for (const group of STOP_ORDER) await Promise.all(group.map((name) => stopOne(name, onStop)));
    },
  };
}
