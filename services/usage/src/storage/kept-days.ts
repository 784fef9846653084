/** Days (UTC) whose requests are all kept: of those rollups can be made anew. By what was dropped, not by what is to be. */
import type { Queryable } from '@hokusai/service-kit';
import { HOLD_FLOORS } from './snapshot.ts';

const FLOOR = "coalesce((select complete_since from usage_floors where level = 'raw'), '-infinity')";

/** The midnight since which there are requests; null where there are none at all. */
export async function firstKeptDay(client: Queryable): Promise<Date | null> {
  const { rows } = await client.query<{ first: Date | null }>(
    `select min(day) as first from (
       select first_moment as day from usage_partitions where level = 'raw'
       union all select date_bin('1 day', min(timestamp), 'epoch') from api_key_usage_other
     ) as days where day >= ${FLOOR}`,
  );
  return rows[0]?.first ?? null;
}

/**
 * Marks each minute of a day, unless requests of it are no longer kept: dropped in time, or gone in some other way and
 * left in the rollups. In a transaction (read committed), which keeps them until it ends; afterwards the marks do.
 */
export async function markDay(client: Queryable, day: Date): Promise<boolean> {
  await client.query(HOLD_FLOORS);
  if (!(await isKept(client, day))) return false;
  await client.query(
    `insert into usage_dirty_minutes (minute, marked_at)
     select minute, '-infinity'
     from generate_series($1::timestamptz, $1::timestamptz + interval '1439 minutes', '1 minute') as minute
     on conflict do nothing`,
    [day],
  );
  return true;
}

async function isKept(client: Queryable, day: Date): Promise<boolean> {
  const within = (time: string) => `${time} >= $1 and ${time} < $1::timestamptz + interval '24 hours'`;
  const rolledUp = ['minutes', 'hours', 'days'].map(
    (grain) => `select from total_usage_${grain} where ${within('start')} and requests > 0`,
  );
  const { rows } = await client.query<{ kept: boolean }>(
    `select $1 >= ${FLOOR} and (
       exists (select from usage_partitions where level = 'raw' and first_moment = $1)
       or exists (select from api_key_usage_other where ${within('timestamp')})
       or not exists (${rolledUp.join(' union all ')})) as kept`,
    [day],
  );
  return rows[0]?.kept ?? false;
}
