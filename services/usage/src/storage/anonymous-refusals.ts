/** Refusals of requests without a known key: they belong to no key, user or endpoint. */
import type { Queryable } from '@hokusai/service-kit';
import type { UsageSelection } from '../domain/access.ts';

/** Counts by reason. */
export type RefusalCounts = ReadonlyMap<string, bigint>;

/**
 * Of each slot, whose starts are `starts`, by the minutes in which they were counted. Empty for a selection of
 * less than everything.
 */
export async function anonymousRefusals(
  client: Queryable,
  { keyId, userId, endpoint, from, to }: UsageSelection,
  starts: readonly Date[],
): Promise<RefusalCounts[]> {
  const slots = starts.map(() => new Map<string, bigint>());
  if (keyId !== null || userId !== null || endpoint !== null || starts.length === 0) return slots;
  const { rows } = await client.query<{ slot: number; reason: string; count: string }>(
    `select width_bucket(greatest(minute, ($3::timestamptz[])[1]), $3::timestamptz[]) as slot, reason, sum(count) as count
     from anonymous_refusals where minute >= $1 and minute < $2 group by 1, 2`,
    [from, to, starts],
  );
  for (const { slot, reason, count } of rows) slots[slot - 1]?.set(reason, BigInt(count));
  return slots;
}
