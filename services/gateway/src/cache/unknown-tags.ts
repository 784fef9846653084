/** Keeps invented keys away from the shared cache, and from crowding out genuine ones at the keys service. */
import { checkTag, type TagRing } from '@hokusai/key-format';
import type { SharedCache } from './l2.ts';
import type { LookupCounts } from './lookup-counts.ts';
import { type ProofPlaces, tooManyUnknownKeys } from './proof-places.ts';

/**
 * So many keys with an unknown tag are asked for at a time, or wait for it. Such a key is most likely mistyped or invented,
 * but it may also be one whose tag key has left the ring, so it is asked for like any other as long as
 * there is no flood of them.
 */
const MAX_PENDING = 16;

/** The places for questions, with a bound on the questions about keys whose tag no key of the ring made. */
export function boundUnknownTags(places: ProofPlaces, ring: TagRing, counts: LookupCounts): ProofPlaces {
  let pending = 0;
  return {
    ask: async (asker, question) => {
      if (checkTag(asker.key, ring) !== 'unknown-tag') return places.ask(asker, question);
      counts.unknownTags += 1;
      if (pending >= MAX_PENDING) throw tooManyUnknownKeys();
      pending += 1;
      try {
        return await places.ask(asker, question);
      } finally {
        pending -= 1;
      }
    },
  };
}

/**
 * The shared cache without keys whose tag no key of the ring made: for them a miss costs no I/O, so a flood
 * of them meets the bound first. (The cache of this process comes before any tag: it costs no I/O either.)
 */
export function withoutUnknownTags(shared: SharedCache, ring: TagRing): SharedCache {
  const isUnknown = (key: string) => checkTag(key, ring) === 'unknown-tag';
  return {
    get: (key) => (isUnknown(key) ? Promise.resolve(undefined) : shared.get(key)),
    put: (key, entry) => {
      if (!isUnknown(key)) shared.put(key, entry);
    },
  };
}
