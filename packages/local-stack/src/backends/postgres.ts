/** A Postgres of our own: initialised on first use, run in the foreground, on the loopback only. */
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { HopelessError, startProcess, stopProcess, whenReady } from '../os/processes.ts';
import { runCommand } from '../os/run-command.ts';
import { type Backend, type BackendOptions, LOOPBACK, READY_LIMIT_MS } from './backend.ts';
import { type PostgresUser, postgresUser } from './postgres-user.ts';

export interface PostgresOptions extends BackendOptions {
  /** Holds `postgres` and `initdb`. */
  binDirectory: string;
  superuserPassword: string;
  /** False gives up what only a crash of the machine would need, for data that don't outlive a test. */
  isDurable: boolean;
}

export interface PostgresBackend extends Backend {
  /** As the superuser, to the database `postgres`. */
  adminUrl: string;
}

const SUPERUSER = 'hokusai_admin';
/** Enough for four services' pools, migrations and a few people with psql. */
const MAX_CONNECTIONS = 200;

export async function startPostgres(options: PostgresOptions): Promise<PostgresBackend> {
  const { dataDirectory, binDirectory, env, port } = options;
  const paths = [binDirectory, dirname(dataDirectory)];
  const user = postgresUser({ paths, env, uid: process.geteuid?.() ?? -1 });
  if (existsSync(join(dataDirectory, 'PG_VERSION'))) await assertSameMajor(options);
  else await initialise(options, user);
  const server = await startProcess({
    name: 'postgres',
    ...user.wrap(join(binDirectory, 'postgres'), serverArguments(options)),
    env: { ...env, PGDATA: dataDirectory },
    // It would try to enter the caller's folder again after becoming another user.
    cwd: '/',
    logFile: options.logFile,
  });
  const adminUrl = `postgres://${SUPERUSER}:${encodeURIComponent(options.superuserPassword)}@${LOOPBACK}:${port}/postgres`;
  // SIGINT is its "fast" shutdown: it ends sessions, writes a checkpoint and exits (manual, 18.5).
  const stop = async () => void (await stopProcess(server, { signal: 'SIGINT', limitMs: 20_000 }));
  options.onStart?.(server, stop);
  try {
    await whenReady(server, () => canConnect(adminUrl, dataDirectory), { limitMs: READY_LIMIT_MS });
  } catch (error) {
    await stop();
    throw error;
  }
  return { process: server, port, adminUrl, stop };
}

function serverArguments({ port, dataDirectory, isDurable }: PostgresOptions): string[] {
  const settings: Record<string, string | number> = {
    listen_addresses: LOOPBACK,
    port,
    // Everyone connects over TCP with a password; a socket's path may be too long for the system, besides.
    unix_socket_directories: '',
    max_connections: MAX_CONNECTIONS,
    ...(isDurable ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  return [
    '-D',
    dataDirectory,
    ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
  ];
}

const INVALID_PASSWORD = '28P01';

async function canConnect(url: string, dataDirectory: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  try {
    await client.connect();
  } catch (error) {
    if ((error as { code?: unknown }).code !== INVALID_PASSWORD) throw error;
    throw new HopelessError(
      `the data in ${dataDirectory} were made with another password than the one kept for them: put the file with ` +
        'the password back, or move the data away to begin anew',
    );
  } finally {
    await client.end();
  }
}

/** Postgres can't read the data of another major version, and says so in its log only. */
async function assertSameMajor({ dataDirectory, binDirectory, env }: PostgresOptions): Promise<void> {
  const made = readFileSync(join(dataDirectory, 'PG_VERSION'), 'utf8').trim();
  const program = join(binDirectory, 'postgres');
  const version = /(\d+)\.?\d*\s*/.exec(await runCommand(program, ['--version'], { env }))?.[1];
  if (version === made) return;
  throw new Error(
    `the data in ${dataDirectory} are of Postgres ${made}, and ${program} is Postgres ${version}: install version ` +
      `${made}, or move the data away to begin anew`,
  );
}

/** Under another name until it is done: a run that was cut short leaves nothing that looks like a cluster. */
async function initialise(options: PostgresOptions, user: PostgresUser): Promise<void> {
  const { dataDirectory, binDirectory, env } = options;
  const partial = `${dataDirectory}.partial`;
  const passwordFile = `${dataDirectory}.password`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o700 });
  writeFileSync(passwordFile, options.superuserPassword, { mode: 0o600 });
  chmodSync(partial, 0o700);
  if (user.owner) for (const path of [partial, passwordFile]) chownSync(path, user.owner.uid, user.owner.gid);
  try {
    const args = ['-D', partial, '-U', SUPERUSER, '--pwfile', passwordFile, '--auth=scram-sha-256'];
    // The same order of strings on every machine; texts for people are sorted by whoever shows them.
    const text = ['--encoding=UTF8', '--locale=C'];
    const wrapped = user.wrap(join(binDirectory, 'initdb'), [
      ...args,
      ...text,
      ...(options.isDurable ? [] : ['--no-sync']),
    ]);
    await runCommand(wrapped.command, wrapped.args, { env, cwd: '/', ...pick(wrapped) });
    rmSync(dataDirectory, { recursive: true, force: true });
    renameSync(partial, dataDirectory);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(partial, { recursive: true, force: true });
  }
}

function pick({ uid, gid }: { uid?: number; gid?: number }) {
  return { ...(uid === undefined ? {} : { uid }), ...(gid === undefined ? {} : { gid }) };
}
