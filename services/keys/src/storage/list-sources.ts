/**
 * Where the keys of a list are looked for, if not along the list itself.
 *
 * Keys by a range of their last use or their expiry may be few, or all of them old: a walk along the list would
 * pass over most of the table before it has a page. The indexes for them group the keys in bins, by the quarter
 * of their last use or the fortnight of their expiry, with the newest key first in each bin. A page is made of the
 * first ones of each bin: as many bins as there are, whether the table holds thousands of keys or millions.
 */
import { DEFAULT_SCOPES } from '@hokusai/contracts/scopes';
import type { ListQuery } from '../domain/listing.ts';
import { isNameIndexed, type Parameter } from './list-filter.ts';

/** An index in bins. */
export interface Bins {
  column: 'last_used_bin' | 'expires_bin';
  /** What the keys of the index have in common, in the index's words. */
  indexed: string;
  /** SQL of times: of the bins that hold them, only some keys match. null: from the first bin on. */
  from: string | null;
  until: string;
}

export interface Sources {
  /** What the keys have in common of another index, in which all match, or nearly so; in the index's words. */
  walk: string | null;
  bins: readonly Bins[];
}

const ACTIVE = 'k.is_active';
const EXPIRED = 'not k.is_active and k.revoked_at is null';

/** null where the list itself is to be walked along, as the other filters have indexes for. */
export function sourcesOf(query: ListQuery, parameter: Parameter): Sources | null {
  const { standing, expiresBefore, unusedSince, now } = query;
  if (isNarrow(query) || standing === 'revoked') return null;
  if (standing !== 'expired' && expiresBefore === null) {
    if (unusedSince === null) return null;
    const indexed = standing === 'active' ? ACTIVE : 'true';
    return {
      walk: null,
      bins: [{ column: 'last_used_bin', indexed, from: null, until: parameter(unusedSince) }],
    };
  }
  const latest = standing === 'expired' && (expiresBefore ?? now) >= now ? now : (expiresBefore ?? now);
  const until = parameter(latest);
  const byExpiry = { column: 'expires_bin', from: null, until } as const;
  if (standing === 'active') {
    return { walk: null, bins: [{ ...byExpiry, indexed: ACTIVE, from: parameter(now) }] };
  }
  // Keys that have expired are active until they are swept.
  const unswept = { ...byExpiry, indexed: ACTIVE };
  if (latest >= now) return { walk: EXPIRED, bins: [unswept] };
  return { walk: null, bins: [unswept, { ...byExpiry, indexed: EXPIRED }] };
}

/** There are few keys to walk along, by the index of another filter. */
function isNarrow({ ownerId, userId, environment, scope, nameContains }: ListQuery): boolean {
  const isRareScope = scope !== '' && !DEFAULT_SCOPES.some((common) => common === scope);
  const isOfOneUser = ownerId !== null || userId !== '';
  return isOfOneUser || environment === 'test' || isRareScope || isNameIndexed(nameContains);
}
