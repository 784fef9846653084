/** Lists of users, and their filters. */
import { EMAIL_LIMIT, EXTERNAL_ID_LIMIT, isLonger, isStorable } from '@hokusai/contracts/fields';
import type { Cursors, ListIdentity } from './cursor.ts';
import type { Role } from './key.ts';
import { checkPageSize, type PageQuery, type PageRequest } from './paging.ts';
import type { User } from './user.ts';
import { Violations } from './violations.ts';

export type UserStanding = 'active' | 'disabled';

/** Filters; null or empty matches all. */
export interface UserFilter {
  /** The whole of it. */
  externalId: string;
  /** The whole of it, in any case. */
  email: string;
  role: Role | null;
  standing: UserStanding | null;
}

export interface UserListRequest extends UserFilter, PageRequest {}
export interface UserListQuery extends UserFilter, PageQuery {}

export interface UserPage {
  users: User[];
  /** Empty on the last page. */
  nextCursor: string;
}

/** What the cursors of a list of users are bound to. */
export function userListIdentity({ limit: _, after: __, ...identity }: UserListQuery): ListIdentity {
  return { of: 'users', ...identity };
}

/** Throws `invalid_request` or `unprocessable`. */
export function checkUserListRequest(
  { pageSize, cursor, ...filter }: UserListRequest,
  cursors: Pick<Cursors, 'read'>,
): UserListQuery {
  const violations = new Violations();
  const limit = checkPageSize(pageSize, violations);
  checkFilter(filter.externalId, { path: 'external_id', limit: EXTERNAL_ID_LIMIT }, violations);
  checkFilter(filter.email, { path: 'email', limit: EMAIL_LIMIT }, violations);
  violations.throwIfAny();
  const query = { ...filter, limit, after: null };
  return cursor === '' ? query : { ...query, after: cursors.read(cursor, userListIdentity(query)) };
}

function checkFilter(
  text: string,
  { path, limit }: { path: string; limit: number },
  violations: Violations,
): void {
  if (isLonger(text, limit)) {
    violations.add(path, `is longer than ${limit} characters`);
  } else if (!isStorable(text)) {
    violations.add(path, 'contains NUL characters or is not well-formed Unicode');
  }
}
