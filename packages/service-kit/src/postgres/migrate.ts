/** Schema migrations, run as the owner role; the service's own role gets just what is granted to it. */
import { runner } from 'node-pg-migrate';
import pg from 'pg';

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

/** Name of the role in a connection URL. */
export function roleOf(url: string): string {
  return decodeURIComponent(new URL(url).username);
}
