/** What a service of the stack has stored. */
import pg from 'pg';

/** The rows of one query, on a connection of its own. Throws if `url` is missing in the stack's settings. */
export async function queryRows(
  url: string | undefined,
  sql: string,
  values: unknown[],
): Promise<Record<string, unknown>[]> {
  if (url === undefined) throw new Error('the stack has no such database');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql, values)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}
