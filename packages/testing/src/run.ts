/** One test run: its folder, and what must be closed at its end. */
import { chmodSync, mkdirSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Guard, startGuard } from './guard.ts';

type Close = () => Promise<void>;

const open = new Set<Close>();
let folder: string | undefined;
let guard: Guard | undefined;
let folders = 0;

/** A new folder of this run, removed at its end. */
export function runFolder(name: string): string {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), 'hokusai-test-'));
    // As root, Postgres runs as another user, who has to get through.
    chmodSync(folder, 0o711);
    guard = startGuard(folder);
  }
  folders += 1;
  const path = join(folder, `${name}-${folders}`);
  mkdirSync(path);
  return path;
}

/** Has a process ended with the run at the latest; `ended` says when it is not needed any more. */
export function watch(pid: number, ended: Promise<unknown>): void {
  const watching = guard;
  watching?.add(pid);
  const unwatch = () => watching?.remove(pid);
  ended.then(unwatch, unwatch);
}

/** Wraps `close` so that it runs once: when it is called, or at the end of the run. */
export function closeAtEnd(close: Close): Close {
  let closing: Promise<void> | undefined;
  const once = () => {
    open.delete(once);
    closing ??= close();
    return closing;
  };
  open.add(once);
  return once;
}

/** Closes what is still open, newest first. Mocha calls it after the last test. */
export async function closeAll(): Promise<void> {
  const problems: unknown[] = [];
  for (const close of [...open].reverse()) await close().catch((error: unknown) => problems.push(error));
  if (problems.length > 0) throw new AggregateError(problems, 'test backends could not be closed');
}

const CLOSE_LIMIT_MS = 60_000;

// The root suite is current while mocha loads the spec files, which import this.
if (typeof after === 'function') {
  after('close the test backends', function () {
    this.timeout(CLOSE_LIMIT_MS);
    return closeAll();
  });
}
