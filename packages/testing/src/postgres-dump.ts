/** A database into a file and back, with Postgres' own programs, as an operator makes and restores a backup. */
import { dirname, join } from 'node:path';
import { runCommand } from '@hokusai/local-stack';
import { baseEnvironment } from './config.ts';
import { toolbox } from './toolbox.ts';

/** Writes `file` in pg_dump's custom format. Throws CommandError. */
export async function backUpDatabase(ownerUrl: string, file: string): Promise<void> {
  await run('pg_dump', ['--format=custom', `--file=${file}`, ownerUrl]);
}

/** Fills an empty database from `file`, as the role that owns it. Throws CommandError. */
export async function restoreDatabase(ownerUrl: string, file: string): Promise<void> {
  await run('pg_restore', ['--exit-on-error', `--dbname=${ownerUrl}`, file]);
}

async function run(program: 'pg_dump' | 'pg_restore', args: readonly string[]): Promise<void> {
  const folder = dirname(await toolbox.server('postgres'));
  await runCommand(join(folder, program), args, { env: baseEnvironment() });
}
