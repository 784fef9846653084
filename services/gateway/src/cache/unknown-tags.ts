/** Keeps invented keys away from the shared cache, and from crowding out genuine ones at the keys service. */
import { HokusaiError } from '@hokusai/contracts';
import { checkTag, type TagRing } from '@hokusai/key-format';
import type { KeysPort } from './keys-port.ts';
import type { SharedCache } from './l2.ts';
import type { LookupCounts } from './lookup-counts.ts';

/**
 * So many keys with an unknown tag are asked for at a time. Such a key is most likely mistyped or invented,
 * but it may also be one whose tag key has left the ring, so it is asked for like any other as long as
 * there is no flood of them.
 */
const MAX_IN_FLIGHT = 16;

/** Reason of the error for those beyond. */
export const UNKNOWN_KEYS_SHED = 'unknown_keys_shed';

/** The keys port, with a bound on the questions about keys whose tag no key of the ring made. */
export function boundUnknownTags(keys: KeysPort, ring: TagRing, counts: LookupCounts): KeysPort {
  let inFlight = 0;
  return {
    getState: (keyId, requestId) => keys.getState(keyId, requestId),
    validate: async (key, requestId) => {
      if (checkTag(key, ring) !== 'unknown-tag') return keys.validate(key, requestId);
      counts.unknownTags += 1;
      if (inFlight >= MAX_IN_FLIGHT) throw tooMany();
      inFlight += 1;
      try {
        return await keys.validate(key, requestId);
      } finally {
        inFlight -= 1;
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

function tooMany(): HokusaiError {
  return new HokusaiError('unavailable', 'Too many unknown API keys are being checked.', {
    reason: UNKNOWN_KEYS_SHED,
    retryAfterSeconds: 1,
  });
}
