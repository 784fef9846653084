/** Keys that nobody used for long. */
import type { UnusedKey, UnusedQuery } from '../domain/ports.ts';
import type { Snapshot } from './snapshot.ts';

interface UnusedRow {
  id: string;
  key_prefix: string;
  name: string;
  user_id: string;
  last_used_at: Date | null;
}

/**
 * A key counts from when it was first heard of: one that was made yesterday is not unused for a week. What is not
 * rolled up yet counts as well.
 */
export async function unusedKeys(
  { client, state }: Snapshot,
  { userId, unusedSince, now, after, limit }: UnusedQuery,
): Promise<UnusedKey[]> {
  const { rows } = await client.query<UnusedRow>(
    `with recent as (
       select api_key_id, max(timestamp) as last_used_at
       from unnest($1::timestamptz[]) as unsettled (minute)
       join api_key_usage on timestamp >= minute and timestamp < minute + interval '1 minute'
       group by api_key_id
     ), known as (
       select key.id, key.key_prefix, key.name, key.user_id,
         greatest(settled.last_used_at, recent.last_used_at) as last_used_at
       from keys_projection as key
       left join key_last_use as settled on settled.api_key_id = key.id
       left join recent on recent.api_key_id = key.id
       where key.version > 0 and key.is_active and (key.expires_at is null or key.expires_at > $2)
         and key.first_version < extract(epoch from $3::timestamptz) * 1000000
         and ($4::uuid is null or key.user_id = $4)
     )
     select * from known
     where coalesce(last_used_at, '-infinity') < $3
       and ($6::uuid is null or (coalesce(last_used_at, '-infinity'), id) > (coalesce($5::timestamptz, '-infinity'), $6))
     order by coalesce(last_used_at, '-infinity'), id limit $7`,
    [
      state.unsettled.minutes.map((ms) => new Date(ms)),
      now,
      unusedSince,
      userId,
      after?.lastUsedAt ?? null,
      after?.keyId ?? null,
      limit,
    ],
  );
  return rows.map((row) => ({
    keyId: row.id,
    keyPrefix: row.key_prefix,
    name: row.name,
    userId: row.user_id,
    lastUsedAt: row.last_used_at,
  }));
}
