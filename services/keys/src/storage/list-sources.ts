/**
 * Where the keys of a list are looked for, if not along the list itself.
 *
 * Keys by a range of their last use or their expiry may be few, or all of them old: a walk along the list would
 * pass over most of the table before it has a page. The indexes for them group the keys in bins, by the quarter
 * of their last use or the fortnight of their expiry, with the newest key first in each bin. A page is made of
 * the first ones of each bin: as many bins as there are, whether the table holds thousands of keys or millions.
 */
import { DEFAULT_SCOPES } from '@hokusai/contracts/scopes';
import type { ListQuery } from '../domain/listing.ts';
import { filterOf, isNameIndexed, type Parameter } from './list-filter.ts';

/** End of a range. */
export interface Edge {
  /** SQL of a time: the keys of its bin are in part within the range, */
  at: string;
  /** which those are that match this. */
  condition: string;
}

/** The keys of a range, in an index in bins. */
export interface Bins {
  column: 'last_used_bin' | 'expires_bin';
  /** What all keys of the index have in common, in the index's words. */
  indexed: string;
  /** null: from the first bin on. */
  from: Edge | null;
  until: Edge;
}

export interface Sources {
  /** Condition on keys that have an index of their own; null: there are none. */
  walk: string | null;
  bins: readonly Bins[];
  /** Condition on the keys of all sources. */
  filter: string;
}

const ACTIVE = 'k.is_active';
const EXPIRED = 'not k.is_active and k.revoked_at is null';

/** null where the list itself is to be walked along, as the other filters have indexes for. */
export function sourcesOf(query: ListQuery, parameter: Parameter): Sources | null {
  if (isNarrow(query) || query.standing === 'revoked') return null;
  if (query.standing === 'expired' || query.expiresBefore !== null) return byExpiry(query, parameter);
  return query.unusedSince === null ? null : byLastUse(query, query.unusedSince, parameter);
}

/** There are few keys to walk along, by the index of another filter. */
function isNarrow({ ownerId, userId, scope, nameContains }: ListQuery): boolean {
  const isRareScope = scope !== '' && !DEFAULT_SCOPES.some((common) => common === scope);
  const isOfOneUser = ownerId !== null || userId !== '';
  return isOfOneUser || isRareScope || isNameIndexed(nameContains);
}

function byLastUse(query: ListQuery, unusedSince: Date, parameter: Parameter): Sources {
  const at = parameter(unusedSince);
  const until = { at, condition: `k.last_used_at < ${at}` };
  const indexed = query.standing === 'active' ? ACTIVE : 'true';
  return {
    walk: null,
    bins: [{ column: 'last_used_bin', indexed, from: null, until }],
    filter: filterOf({ ...query, unusedSince: null }, parameter),
  };
}

function byExpiry(query: ListQuery, parameter: Parameter): Sources {
  const { standing, expiresBefore, now } = query;
  const others = filterOf({ ...query, standing: null, expiresBefore: null }, parameter);
  const filter = withUse(query, others, parameter);
  const bins = { column: 'expires_bin', indexed: ACTIVE, from: null } as const;
  if (standing === 'active' && expiresBefore !== null) {
    const at = parameter(now);
    const from = { at, condition: `k.expires_at > ${at}` };
    // Where that is past, no key is in the range: the two edges are then one.
    const until = { ...before(expiresBefore, parameter), ...(expiresBefore < now ? { at } : {}) };
    return { walk: null, bins: [{ ...bins, from, until }], filter };
  }
  const isUpToNow = expiresBefore === null || (standing === 'expired' && expiresBefore > now);
  const until = isUpToNow ? upTo(now, parameter) : before(expiresBefore, parameter);
  // Keys that have expired are active until they are swept.
  const unswept = { ...bins, until };
  if (isUpToNow || expiresBefore >= now) {
    return { walk: `${EXPIRED} and ${until.condition}`, bins: [unswept], filter };
  }
  return { walk: null, bins: [unswept, { ...unswept, indexed: EXPIRED }], filter };
}

function before(time: Date, parameter: Parameter): Edge {
  const at = parameter(time);
  return { at, condition: `k.expires_at < ${at}` };
}

function upTo(time: Date, parameter: Parameter): Edge {
  const at = parameter(time);
  return { at, condition: `k.expires_at <= ${at}` };
}

/** What a filter for the last use implies is in the indexes by expiry: most keys are sorted out without a look at them. */
function withUse({ unusedSince }: ListQuery, filter: string, parameter: Parameter): string {
  return unusedSince === null
    ? filter
    : `${filter} and k.last_used_bin <= last_used_bin(${parameter(unusedSince)})`;
}
