/** Keeps invented keys from crowding out genuine ones at the keys service. */
import { HokusaiError } from '@hokusai/contracts';
import { checkTag, type TagRing } from '@hokusai/key-format';
import type { KeysPort } from './keys-port.ts';
import type { LookupCounts } from './lookup-counts.ts';

/**
 * So many keys with an unknown tag are asked for at a time. Such a key is most likely mistyped or invented,
 * but it may also be one whose tag key has left the ring, so it is asked for like any other as long as
 * there is no flood of them.
 */
const MAX_IN_FLIGHT = 16;

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

function tooMany(): HokusaiError {
  return new HokusaiError('unavailable', 'Too many unknown API keys are being checked.', {
    reason: 'unknown_keys_shed',
    retryAfterSeconds: 1,
  });
}
