// Plain JavaScript, since the launcher in scripts/ needs it before a Node that runs TypeScript is there.
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { isSameProcess, processStartTime } from './process-identity.js';

const POLL_MS = 200;
let attempts = 0;

/**
 * Takes a lock among processes of this machine and returns how to give it back. It is a file that names
 * its holder, so a holder that was killed doesn't block the others. Waits for as long as the holder lives.
 *
 * @param {string} path
 * @param {{ onWait?: (holderPid: number) => void }} [options] `onWait` is called once, when it must wait
 * @returns {Promise<() => void>}
 */
export async function acquireFileLock(path, { onWait } = {}) {
  mkdirSync(dirname(path), { recursive: true });
  for (let waited = false; ; ) {
    if (tryLock(path)) return () => rmSync(path, { force: true });
    const holder = readHolder(path);
    if (holder === undefined) continue;
    if (!isSameProcess(holder.pid, holder.startTime)) {
      removeStale(path, holder);
      continue;
    }
    if (!waited) onWait?.(holder.pid);
    waited = true;
    await delay(POLL_MS);
  }
}

/** @param {string} path */
function tryLock(path) {
  attempts += 1;
  const draft = `${path}.${process.pid}.${attempts}`;
  const holder = { pid: process.pid, startTime: processStartTime(process.pid) };
  writeFileSync(draft, JSON.stringify(holder));
  try {
    // A link appears with its content complete and fails if the name is taken: no one reads half a lock.
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** @param {string} path */
function readHolder(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw new Error(`${path} is not a lock file; remove it and try again`, { cause: error });
  }
}

/**
 * Moves a dead holder's lock away. Somebody may have done so first and hold a new lock under that name:
 * then what was moved is not the dead holder's, and is put back.
 *
 * @param {string} path
 * @param {{ pid: number, startTime: string }} dead
 */
function removeStale(path, dead) {
  attempts += 1;
  const moved = `${path}.stale.${process.pid}.${attempts}`;
  try {
    renameSync(path, moved);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  const holder = readHolder(moved);
  if (holder?.pid !== dead.pid || holder.startTime !== dead.startTime) linkSync(moved, path);
  rmSync(moved, { force: true });
}
