/** Of an appender that froze with the lock on the chain's head while it was sending its rows. */
import type { Queryable } from '@hokusai/service-kit';

/**
 * Ends sessions of this role that have the lock on the chain's head and for `silenceMs` have been in a COPY whose
 * rest does not come. For Postgres they are busy with a statement, so its limit for idle transactions does not hold. What
 * they had sent is rolled back, and their batch is delivered again.
 */
export async function endSilentCopies(database: Queryable, silenceMs: number): Promise<void> {
  await database.query(
    `select pg_terminate_backend(pid)
     from pg_locks join pg_stat_activity using (pid)
     where relation = 'audit_head'::regclass and mode = 'RowShareLock' and granted
       and usename = current_user and state = 'active' and wait_event = 'ClientRead'
       and query_start < clock_timestamp() - $1 * interval '1 millisecond'`,
    [silenceMs],
  );
}
