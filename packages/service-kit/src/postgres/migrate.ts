/** Schema migrations, run as the owner role; the service's own role gets just what is granted to it. */
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { ConfigError, EXIT_CONFIG } from '../config.ts';
import { readMigrationArguments, tellUnserved } from '../service-arguments.ts';

export interface MigrationOptions {
  /** Connection as the role that owns the schema. */
  ownerUrl: string;
  /** Folder of `<number>_<name>.sql` files, each with an up and a down part. */
  directory: string;
  /** Role that the service connects as; told to the migrations as the setting `hokusai.service_role`. */
  serviceRole: string;
  direction: 'up' | 'down';
  /** How many to run; all of them if absent (up only). */
  count?: number;
  log?: (message: string) => void;
}

/** Any number will do, as long as all replicas of a database use the same. */
const LOCK_ID = 7_235_711;

/**
 * Brings the schema up (or down); returns the names of the migrations that ran. Replicas that start
 * together wait for each other: the second finds nothing left to do.
 */
export async function migrate(options: MigrationOptions): Promise<string[]> {
  const client = new pg.Client({ connectionString: options.ownerUrl, application_name: 'hokusai-migrate' });
  await client.connect();
  try {
    // A lock of our own that waits; node-pg-migrate's would make the second replica fail.
    await client.query('select pg_advisory_lock($1)', [LOCK_ID]);
    await client.query("select set_config('hokusai.service_role', $1, false)", [options.serviceRole]);
    const ran = await runner({
      dbClient: client,
      dir: options.directory,
      direction: options.direction,
      migrationsTable: 'schema_migrations',
      noLock: true,
      checkOrder: true,
      ...(options.count === undefined ? {} : { count: options.count }),
      log: options.log ?? (() => {}),
    });
    return ran.map(({ name }) => name);
  } finally {
    await client.end();
  }
}

/**
 * The migration process of a service: brings its schema up, says on standard error what it did, and sets the
 * exit code: 0, 64 for an argument that it does not know, 78 for a wrong configuration, 1 for anything else. `describe`
 * reads the configuration.
 */
export async function runMigrations(
  service: string,
  describe: () => Pick<MigrationOptions, 'ownerUrl' | 'serviceRole' | 'directory'>,
): Promise<void> {
  const unserved = readMigrationArguments(process.argv.slice(2));
  if (unserved !== undefined) {
    tellUnserved(unserved);
    process.exitCode = unserved.exitCode;
    return;
  }
  try {
    const ran = await migrate({ ...describe(), direction: 'up' });
    const done = ran.length === 0 ? 'the schema is up to date' : `applied ${ran.join(', ')}`;
    process.stderr.write(`${service}: ${done}\n`);
  } catch (error) {
    process.stderr.write(`${service}: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = error instanceof ConfigError ? EXIT_CONFIG : 1;
  }
}

/** Name of the role in a connection URL. */
export function roleOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}
