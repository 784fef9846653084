import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Every process of a test run inherits this variable. Unlike a process group it also marks daemons, which
 * leave the group of whoever started them.
 */
export const RUN_MARKER = 'HOKUSAI_TEST_RUN';

export interface Leftover {
  pid: number;
  command: string;
}

const POLL_MS = 50;
const TERM_GRACE_MS = 5000;

/**
 * Processes of the run that are still there after `graceMs`. Looks into /proc: where there is none (macOS),
 * nothing is found.
 */
export async function findLeftovers(runId: string, graceMs: number): Promise<Leftover[]> {
  const deadlineMs = performance.now() + graceMs;
  for (;;) {
    const found = await findMarked(runId);
    if (found.length === 0 || performance.now() > deadlineMs) return found;
    await delay(POLL_MS);
  }
}

/** Ends what is left of the run: asks first, then kills. */
export async function endLeftovers(runId: string): Promise<void> {
  signalAll(await findMarked(runId), 'SIGTERM');
  signalAll(await findLeftovers(runId, TERM_GRACE_MS), 'SIGKILL');
}

async function findMarked(runId: string): Promise<Leftover[]> {
  const entries = await readdir('/proc').catch(() => []);
  const pids = entries.filter((entry) => /^\d+$/.test(entry)).map(Number);
  const found = await Promise.all(
    pids.filter((pid) => pid !== process.pid).map((pid) => readMarked(pid, runId)),
  );
  return found.filter((leftover) => leftover !== undefined);
}

/** The process if it carries the marker; undefined also if it has ended, or belongs to someone else. */
async function readMarked(pid: number, runId: string): Promise<Leftover | undefined> {
  const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
  if (!environment.split('\0').includes(`${RUN_MARKER}=${runId}`)) return undefined;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return { pid, command: command.replaceAll('\0', ' ').trim() };
}

function signalAll(processes: readonly Leftover[], signal: NodeJS.Signals): void {
  for (const { pid } of processes) {
    try {
      process.kill(pid, signal);
    } catch {
      // It has ended meanwhile.
    }
  }
}
