/**
 * Ends what a test run leaves behind. However the run ends, kill -9 included, the pipe to this small shell
 * script closes; it then ends the processes that are still on its list and removes the run's folder.
 */
import { spawn } from 'node:child_process';

export interface Guard {
  add(pid: number): void;
  remove(pid: number): void;
}

/** Each process leads a group of its own. QUIT first: it lets Postgres release its shared memory. */
const SCRIPT = `
trap '' HUP INT TERM
pids=
while read -r verb pid; do
  if [ "$verb" = add ]; then pids="$pids $pid"; continue; fi
  rest=
  for known in $pids; do [ "$known" = "$pid" ] || rest="$rest $known"; done
  pids=$rest
done
for pid in $pids; do kill -CONT -- "-$pid"; kill -QUIT "$pid"; done
[ -z "$pids" ] || sleep 1
for pid in $pids; do kill -KILL -- "-$pid"; done
rm -rf -- "$1"
`;

/** `directory` is removed at the end. The guard keeps no process from ending. */
export function startGuard(directory: string): Guard {
  const shell = spawn('/bin/sh', ['-c', SCRIPT, 'hokusai-test-guard', directory], {
    stdio: ['pipe', 'ignore', 'ignore'],
    // Out of the terminal's reach, or its Ctrl-C would end the guard first.
    detached: true,
    cwd: '/',
  });
  shell.unref();
  (shell.stdin as unknown as { unref(): void }).unref();
  const tell = (line: string) => shell.stdin.write(`${line}\n`);
  return { add: (pid) => tell(`add ${pid}`), remove: (pid) => tell(`remove ${pid}`) };
}
