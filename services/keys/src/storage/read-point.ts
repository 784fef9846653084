/**
 * SQL for the place in the database's history at which a statement reads. Cached states and the change
 * feed are compared by it, so both take it from here.
 *
 * No privilege beyond CONNECT is needed: `pg_control_system`, `pg_current_wal_lsn`, `pg_walfile_name`,
 * `pg_postmaster_start_time` and `pg_current_snapshot` may be executed by PUBLIC. A hardened server that
 * revoked this has to `grant execute` on them to the service's role.
 */
import { HokusaiError } from '@hokusai/contracts/errors';
import type { ReadPoint } from '../domain/read-point.ts';

/**
 * Cluster, WAL timeline, server start and the table itself: a failover or point-in-time recovery changes
 * the second or third, a disk put back the third, a dump restored into the running server the last.
 * Null on a standby, where the functions of the WAL refuse to work.
 *
 * The timeline is read off the WAL's file name, since the control file learns of it at the first
 * checkpoint only.
 */
export const EPOCH = `case when not pg_is_in_recovery() then concat_ws('-',
    (select system_identifier from pg_control_system()),
    left(pg_walfile_name(pg_current_wal_lsn()), 8),
    (extract(epoch from pg_postmaster_start_time()) * 1000000)::bigint,
    'api_keys'::regclass::oid)
  end`;

/**
 * Columns of a select list. `now()` is the start of the transaction, which is not after its snapshot: a
 * read never looks younger than it is.
 */
export const READ_POINT_COLUMNS = `${EPOCH} as epoch, pg_snapshot_xmin(pg_current_snapshot())::text as cut, now() as read_at`;

/** Notes since when the database has its epoch; answers that if it is a new one. */
export const NOTE_EPOCH = `
  update database_epoch as noted
  set epoch = here.epoch, since = case when noted.epoch = '' then since else clock_timestamp() end
  from (select ${EPOCH} as epoch) as here
  where noted.epoch <> here.epoch
  returning since`;

export interface ReadPointRow {
  epoch: string | null;
  cut: string;
  read_at: Date;
}

/** Throws `unavailable` for what a standby answered: it may lag behind any change. */
export function toReadPoint(row: ReadPointRow): ReadPoint {
  if (row.epoch === null) throw standbyError();
  return { epoch: row.epoch, cut: BigInt(row.cut), readAt: row.read_at };
}

export function standbyError(): HokusaiError {
  return new HokusaiError('unavailable', 'The keys database is a standby: connect to the primary.', {
    reason: 'standby',
    retryAfterSeconds: 5,
  });
}
