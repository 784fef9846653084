/** Rows of keys that were used before their event came: what requests refer to is there. */
import type { Pool } from '@hokusai/service-kit';

export interface KeyPlaceholders {
  /** Those of these keys that may have no row yet, each once. */
  unknownOf(requests: Iterable<{ key_id: string }>): Set<string>;
  /** Sees to it that these unknown keys have a row, if only a placeholder. */
  ensureFor(keyIds: readonly string[]): Promise<void>;
}

/** Some 10 MB. Forgetting them costs a statement that finds them again. */
const MAX_KNOWN = 100_000;

/** A key's row is never removed: what was found once is there. */
export function createKeyPlaceholders(pool: Pool): KeyPlaceholders {
  let known = new Set<string>();
  return {
    unknownOf: (requests) => {
      const unknown = new Set<string>();
      for (const { key_id } of requests) if (!known.has(key_id)) unknown.add(key_id.toLowerCase());
      return unknown;
    },
    ensureFor: async (keyIds) => {
      const missing = new Set(keyIds.filter((id) => !known.has(id)));
      if (missing.size === 0) return;
      // In one order, so that replicas wait for each other instead of deadlocking.
      await pool.query(
        'insert into keys_projection (id) select unnest($1::uuid[]) on conflict (id) do nothing',
        [[...missing].toSorted()],
      );
      if (known.size > MAX_KNOWN) known = new Set();
      for (const id of missing) known.add(id);
    },
  };
}
