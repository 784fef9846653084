/** Incarnations of gateways, and which of their numbers are stored. */
import type { Queryable } from '@hokusai/service-kit';
import type { Selected } from '../domain/messages.ts';
import { contains, type NumberSet } from '../domain/number-ranges.ts';
import { type IncarnationRow, mergedRows } from './incarnation-rows.ts';
import { formatMultirange, parseMultirange } from './multirange.ts';
import type { EncodedBatch } from './usage-rows.ts';

/**
 * From a gateway's word that its numbers up to one are with the broker until they are expected here. Whoever hears that
 * word gets what came before it at the same time or sooner, unless it was delivered to another one in vain.
 */
const DUE_AFTER = '5 minutes';

/** Brings what is known of these incarnations up to date, and locks their rows in one order. */
export async function upsertIncarnations(client: Queryable, heard: Iterable<IncarnationRow>): Promise<void> {
  const isDue = `excluded.last_heard_at >= known.due_next_at + interval '${DUE_AFTER}'`;
  await client.query(
    `insert into gateway_incarnations as known
       (incarnation, gateway, opened_at, closed_at, first_heard_at, last_heard_at, announced_at,
        assigned, flushed, dropped, due_next, due_next_at)
     select incarnation, gateway, opened_at, closed_at, first_heard_at, last_heard_at, announced_at,
       assigned, flushed, dropped, flushed, last_heard_at
     from json_to_recordset($1) as heard (
       incarnation uuid, gateway text, opened_at timestamptz, closed_at timestamptz,
       first_heard_at timestamptz, last_heard_at timestamptz, announced_at timestamptz,
       assigned bigint, flushed bigint, dropped bigint)
     order by incarnation
     on conflict (incarnation) do update set
       opened_at = coalesce(known.opened_at, excluded.opened_at),
       closed_at = coalesce(known.closed_at, excluded.closed_at),
       first_heard_at = least(known.first_heard_at, excluded.first_heard_at),
       last_heard_at = greatest(known.last_heard_at, excluded.last_heard_at),
       announced_at = greatest(known.announced_at, excluded.announced_at),
       assigned = greatest(known.assigned, excluded.assigned),
       flushed = greatest(known.flushed, excluded.flushed),
       dropped = greatest(known.dropped, excluded.dropped),
       due = case when ${isDue} then known.due_next else known.due end,
       due_next = case when ${isDue} then greatest(known.flushed, excluded.flushed) else known.due_next end,
       due_next_at = case when ${isDue} then excluded.last_heard_at else known.due_next_at end`,
    [JSON.stringify(mergedRows(heard))],
  );
}

/** The numbers that are stored of incarnations whose rows are locked. */
export async function readNumbers(
  client: Queryable,
  incarnations: readonly string[],
): Promise<Map<string, NumberSet>> {
  await client.query(
    'insert into ingested_ranges (incarnation) select unnest($1::uuid[]) on conflict (incarnation) do nothing',
    [incarnations],
  );
  const { rows } = await client.query<{ incarnation: string; ranges: string }>(
    'select incarnation, ranges::text as ranges from ingested_ranges where incarnation = any($1)',
    [incarnations],
  );
  return new Map(rows.map(({ incarnation, ranges }) => [incarnation, parseMultirange(ranges)]));
}

/** Sets what is stored of each incarnation, and adds how many of the new requests' times were corrected. */
export async function saveNumbers(
  client: Queryable,
  stored: ReadonlyMap<string, NumberSet>,
  added: readonly Selected<EncodedBatch>[],
): Promise<void> {
  if (added.length === 0) return;
  const corrections = new Map<string, number>();
  for (const { batch, numbers } of added) {
    const corrected = batch.corrected.filter((number) => contains(numbers, number)).length;
    corrections.set(batch.incarnation, (corrections.get(batch.incarnation) ?? 0) + corrected);
  }
  const incarnations = [...corrections.keys()];
  await client.query(
    `update ingested_ranges
     set ranges = changed.ranges, clock_corrections = clock_corrections + changed.corrections
     from unnest($1::uuid[], $2::int8multirange[], $3::bigint[]) as changed (incarnation, ranges, corrections)
     where ingested_ranges.incarnation = changed.incarnation`,
    [
      incarnations,
      incarnations.map((incarnation) => formatMultirange(stored.get(incarnation) ?? [])),
      [...corrections.values()],
    ],
  );
}
