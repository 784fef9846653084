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
  for (let waited = false; ; ) {
    const { release, holderPid } = tryFileLock(path);
    if (release !== undefined) return release;
    if (!waited) onWait?.(holderPid);
    waited = true;
    await delay(POLL_MS);
  }
}

/**
 * Takes the lock, or says who holds it.
 *
 * @param {string} path
 * @returns {{ release: () => void } | { release?: undefined, holderPid: number }}
 */
export function tryFileLock(path) {
  mkdirSync(dirname(path), { recursive: true });
  for (;;) {
    if (link(path)) return { release: () => rmSync(path, { force: true }) };
    const holderPid = fileLockHolder(path);
    if (holderPid !== undefined) return { holderPid };
    const holder = readHolder(path);
    if (holder !== undefined && !isAlive(holder)) removeStale(path, holder);
  }
}

/**
 * The pid of the living process that holds the lock.
 *
 * @param {string} path
 * @returns {number | undefined}
 */
export function fileLockHolder(path) {
  const holder = readHolder(path);
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

/** @param {{ pid: number, startTime: string }} holder */
function isAlive(holder) {
  return isSameProcess(holder.pid, holder.startTime);
}

/** @param {string} path */
function link(path) {
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
