/**
 * Who runs where. The one that is measured has a core for itself; the load, what it is put in front of and what
 * it asks (Redis, NATS, the keys service, Postgres) share the other, for every variant alike.
 */
import { execFile } from 'node:child_process';
import { cpus } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

const REST_CORE = 0;
const SUBJECT_CORE = 1;
const PROGRAMS = ['nginx', 'wrk', 'curl', 'taskset'];

/** Throws, saying what to install, where a program or a second core is missing. */
export async function checkMachine(): Promise<void> {
  const missing: string[] = [];
  for (const program of PROGRAMS)
    await run('sh', ['-c', `command -v ${program}`]).catch(() => missing.push(program));
  if (missing.length > 0)
    throw new Error(
      `This measurement needs ${missing.join(', ')} on the PATH. On Debian and Ubuntu: apt install nginx-light wrk curl util-linux`,
    );
  if (cpus().length < 2) throw new Error('This measurement needs two cores.');
}

/** This process, and whatever it starts from now on. */
export function leaveSubjectCore(): Promise<void> {
  return moveTo(REST_CORE, process.pid);
}

/** With all of its threads; children that it has already stay where they are. */
export function moveToSubjectCore(pid: number): Promise<void> {
  return moveTo(SUBJECT_CORE, pid);
}

/** For a process that is yet to be started: what its command line begins with. */
export const onSubjectCore: readonly [command: string, ...args: string[]] = [
  'taskset',
  '--cpu-list',
  String(SUBJECT_CORE),
];

async function moveTo(core: number, pid: number): Promise<void> {
  await run('taskset', ['--all-tasks', '--pid', '--cpu-list', String(core), String(pid)]);
}
