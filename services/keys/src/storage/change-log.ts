/** What every change of a key leaves behind: a version that rises, and word to those who listen. */
import type { Queryable } from '@hokusai/service-kit';

/** Microseconds of the clock: after a restore from a backup, versions still rise. */
export const CLOCK_VERSION = '(extract(epoch from clock_timestamp()) * 1000000)::bigint';
/** Of a key that changes. */
export const NEXT_VERSION = `greatest(version + 1, ${CLOCK_VERSION})`;

/** Delivered at the commit, once however often it is called in a transaction. */
export async function notify(client: Queryable, channel: string): Promise<void> {
  await client.query("select pg_notify($1, '')", [channel]);
}
