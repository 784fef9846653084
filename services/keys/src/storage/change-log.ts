/** What every change of a key leaves behind: a version that rises, and word to those who listen. */
import type { Queryable } from '@hokusai/service-kit';
import type { RevocationPoint } from '../domain/receipt.ts';
import { EPOCH } from './read-point.ts';

/** Microseconds of the clock: after a restore from a backup, versions still rise. */
export const CLOCK_VERSION = '(extract(epoch from clock_timestamp()) * 1000000)::bigint';
/** Of a key that changes. */
export const NEXT_VERSION = `greatest(version + 1, ${CLOCK_VERSION})`;

/** Delivered at the commit, once however often it is called in a transaction. */
export async function notify(client: Queryable, channel: string): Promise<void> {
  await client.query("select pg_notify($1, '')", [channel]);
}

// The newest first, as what was just changed is among them. What was cut off the log lies below its mark.
const LAST_CHANGE = `
  select ${EPOCH} as epoch, clock_timestamp() as read_at, coalesce(
    (select xid from key_changes where key_id = any($1::uuid[]) order by xid desc limit 1),
    (select below from key_changes_trimmed))::text as xid`;

/** Where the last change of these keys stands in the log that followers are told. */
export async function lastChange(
  client: Queryable,
  keyIds: readonly string[],
): Promise<Omit<RevocationPoint, 'revokedBeforeAt'>> {
  const { rows } = await client.query<{ epoch: string; read_at: Date; xid: string }>(LAST_CHANGE, [keyIds]);
  const [row] = rows;
  if (!row) throw new Error('the question for the last change was answered with no row');
  return { epoch: row.epoch, readAt: row.read_at, xid: BigInt(row.xid) };
}
