/** Lists of keys, and their filters. */
import { isLonger, NAME_LIMIT, timeProblem } from '@hokusai/contracts/fields';
import { isUuid } from '@hokusai/contracts/identifiers';
import { isScope, SCOPES } from '@hokusai/contracts/scopes';
import type { Cursors, ListIdentity } from './cursor.ts';
import type { Environment, Key, KeyStanding } from './key.ts';
import { checkPageSize, type PageQuery, type PageRequest } from './paging.ts';
import { Violations } from './violations.ts';

/** Filters; null or empty matches all. */
export interface KeyFilter {
  userId: string;
  standing: KeyStanding | null;
  environment: Environment | null;
  scope: string;
  /** Part of the name, case-insensitive; one or two letters: how a word of it begins. */
  nameContains: string;
  /** Not used since then, or never. */
  unusedSince: Date | null;
  expiresBefore: Date | null;
}

export interface ListRequest extends KeyFilter, PageRequest {}

export interface ListQuery extends KeyFilter, PageQuery {
  /** Confines the list to one owner; null: everybody's. */
  ownerId: string | null;
  /** When keys are to be active or expired. */
  now: Date;
}

/** What the cursors of a list of keys are bound to. */
export function keyListIdentity({ now: _, limit: __, after: ___, ...identity }: ListQuery): ListIdentity {
  return { of: 'keys', ...identity };
}

/** Checks a list request, made at `now` by someone confined to `ownerId`. Throws `invalid_request` or `unprocessable`. */
export function checkListRequest(
  request: ListRequest,
  ownerId: string | null,
  now: Date,
  cursors: Pick<Cursors, 'read'>,
): ListQuery {
  const violations = new Violations();
  const { pageSize, cursor, ...filter } = request;
  const limit = checkPageSize(pageSize, violations);
  if (filter.userId !== '' && !isUuid(filter.userId)) violations.add('user_id', 'expected a UUID');
  if (filter.scope !== '' && !isScope(filter.scope)) {
    violations.add('scope', `expected one of ${SCOPES.join(', ')}`);
  }
  if (isLonger(filter.nameContains, NAME_LIMIT) || filter.nameContains.includes('\0')) {
    violations.add('name_contains', `expected at most ${NAME_LIMIT} characters, none of them NUL`);
  }
  checkTime(filter.unusedSince, 'unused_since', violations);
  checkTime(filter.expiresBefore, 'expires_before', violations);
  violations.throwIfAny();
  const query = { ...filter, ownerId, now, limit, after: null };
  return cursor === '' ? query : { ...query, after: cursors.read(cursor, keyListIdentity(query)) };
}

function checkTime(time: Date | null, path: string, violations: Violations): void {
  const problem = time === null ? undefined : timeProblem(time);
  if (problem !== undefined) violations.add(path, problem);
}

export interface Page {
  keys: Key[];
  /** Empty on the last page. */
  nextCursor: string;
}
