/** One replica rolls up at a time: whoever holds a lock of the database, for as long as its connection lives. */
import type { Pool, Queryable } from '@hokusai/service-kit';

/** Any numbers will do, as long as all replicas use the same. */
const LOCK = 'hashtext($$usage rollups$$), 1';

/** Runs `work` on the connection that holds the lock; undefined if another one holds it. */
export async function asRoller<Result>(
  pool: Pool,
  work: (client: Queryable) => Promise<Result>,
): Promise<Result | undefined> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(${LOCK}) as locked`,
    );
    if (!rows[0]?.locked) return undefined;
    const result = await work(client);
    await client.query(`select pg_advisory_unlock(${LOCK})`);
    return result;
  } catch (error) {
    // Closing the connection frees the lock, whatever state it is in.
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}
