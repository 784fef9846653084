/** What of the publishers' requests is in the database. */
import pg from 'pg';

export interface Counts {
  assigned: number;
  lost: number;
  doubled: number;
}

/** How many numbers are recorded as stored, which is done in the transaction that stores their rows. */
export async function committedOf(url: string, incarnations: readonly string[]): Promise<number> {
  const [row] = await query<{ numbers: string }>(
    url,
    `select coalesce(sum(upper(one) - lower(one)), 0) as numbers
     from ingested_ranges, unnest(ranges) as one where incarnation = any($1)`,
    [incarnations],
  );
  return Number(row?.numbers);
}

/** Counted in the rows themselves. */
export async function countsOf(
  url: string,
  published: readonly { incarnation: string; assigned: number }[],
): Promise<Counts> {
  const rows = await query<{ incarnation: string; rows: string; numbers: string }>(
    url,
    `select incarnation, count(*) as rows,
       count(distinct sequence) filter (where sequence between 1 and assigned) as numbers
     from api_key_usage join unnest($1::uuid[], $2::bigint[]) as published (incarnation, assigned) using (incarnation)
     group by incarnation`,
    [published.map(({ incarnation }) => incarnation), published.map(({ assigned }) => assigned)],
  );
  const counts = { assigned: 0, lost: 0, doubled: 0 };
  for (const { incarnation, assigned } of published) {
    const found = rows.find((row) => row.incarnation === incarnation);
    const numbers = Number(found?.numbers ?? 0);
    counts.assigned += assigned;
    counts.lost += assigned - numbers;
    counts.doubled += Number(found?.rows ?? 0) - numbers;
  }
  return counts;
}

async function query<Row extends pg.QueryResultRow>(
  connectionString: string,
  sql: string,
  values: unknown[],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}
