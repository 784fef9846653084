/** Names, owners and prefixes of keys, kept up to date by their events. */
import type { KeyEvent } from '@hokusai/contracts';
import type { Pool } from '@hokusai/service-kit';
import type { KeyProjection } from '../domain/ports.ts';

export function createKeyProjection(pool: Pool): KeyProjection {
  return { apply: (events) => upsert(pool, newestOfEach(events)) };
}

interface NewestEvent extends KeyEvent {
  /** The lowest that came along. */
  first_version: string;
}

/** Versions rise with every change and are compared as numbers; they exceed 2^53 in time. */
function newestOfEach(events: readonly KeyEvent[]): NewestEvent[] {
  const newest = new Map<string, NewestEvent>();
  for (const event of events) {
    const id = event.key_id.toLowerCase();
    const known = newest.get(id);
    const first =
      known && BigInt(known.first_version) < BigInt(event.version) ? known.first_version : event.version;
    const isNewest = !known || BigInt(known.version) <= BigInt(event.version);
    newest.set(id, { ...(isNewest ? event : known), key_id: id, first_version: first });
  }
  return [...newest.values()];
}

/** Events come in any order: an older one still tells since when the key is known. */
async function upsert(pool: Pool, events: readonly NewestEvent[]): Promise<void> {
  await pool.query(
    `insert into keys_projection as known
       (id, key_prefix, name, environment, user_id, is_active, expires_at, version, first_version)
     select key_id, key_prefix, name, environment, user_id, is_active, expires_at, version, first_version
     from json_to_recordset($1) as event (
       key_id uuid, key_prefix text, name text, environment text, user_id uuid, is_active boolean,
       expires_at timestamptz, version bigint, first_version bigint)
     order by key_id
     on conflict (id) do update set
       (key_prefix, name, environment, user_id, is_active, expires_at, version) = (
         select newer.key_prefix, newer.name, newer.environment, newer.user_id, newer.is_active, newer.expires_at,
           newer.version
         from (select (case when excluded.version > known.version then excluded else known end).*) as newer),
       first_version = least(nullif(known.first_version, 0), excluded.first_version)
     where excluded.version > known.version or excluded.first_version < known.first_version`,
    [JSON.stringify(events)],
  );
}
