/** Lists of keys: filters, pages, and where a page ends. */
import { HokusaiError } from '@hokusai/contracts/errors';
import { isUuid } from '@hokusai/contracts/identifiers';
import { isScope, SCOPES } from '@hokusai/contracts/scopes';
import type { Environment, Key, KeyStanding } from './key.ts';
import { NAME_LIMIT } from './text.ts';
import { isRepresentable } from './time.ts';
import { Violations } from './violations.ts';

/** Filters; null or empty matches all. */
export interface KeyFilter {
  userId: string;
  standing: KeyStanding | null;
  environment: Environment | null;
  scope: string;
  /** Part of the name, case-insensitive. */
  nameContains: string;
  /** Not used since then, or never. */
  unusedSince: Date | null;
  expiresBefore: Date | null;
}

export interface ListRequest extends KeyFilter {
  /** 0: the default. */
  pageSize: number;
  /** Empty: from the newest. */
  cursor: string;
}

/** Place of a key in a list, which is newest first. */
export interface Position {
  createdAt: Date;
  id: string;
}

export interface ListQuery extends KeyFilter {
  /** Confines the list to one owner; null: everybody's. */
  ownerId: string | null;
  limit: number;
  after: Position | null;
}

const DEFAULT_PAGE_SIZE = 50;
const MAX_PAGE_SIZE = 200;

/** Checks a list request of someone confined to `ownerId`. Throws `invalid_request` or `unprocessable`. */
export function checkListRequest(request: ListRequest, ownerId: string | null): ListQuery {
  const violations = new Violations();
  const { pageSize, cursor, ...filter } = request;
  if (pageSize > MAX_PAGE_SIZE) violations.add('page_size', `expected at most ${MAX_PAGE_SIZE}`);
  if (filter.userId !== '' && !isUuid(filter.userId)) violations.add('user_id', 'expected a UUID');
  if (filter.scope !== '' && !isScope(filter.scope)) {
    violations.add('scope', `expected one of ${SCOPES.join(', ')}`);
  }
  if (filter.nameContains.length > NAME_LIMIT || filter.nameContains.includes('\0')) {
    violations.add('name_contains', `expected at most ${NAME_LIMIT} characters, none of them NUL`);
  }
  if (isNoTime(filter.unusedSince)) violations.add('unused_since', 'is not a time in the years 1 to 9999');
  if (isNoTime(filter.expiresBefore))
    violations.add('expires_before', 'is not a time in the years 1 to 9999');
  violations.throwIfAny();
  const after = cursor === '' ? null : readCursor(cursor);
  return { ...filter, ownerId, limit: pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize, after };
}

function isNoTime(time: Date | null): boolean {
  return time !== null && !isRepresentable(time);
}

export interface Page {
  keys: Key[];
  /** Empty on the last page. */
  nextCursor: string;
}

/** A page from the keys that were found, of which there may be one more than fit. */
export function pageOf(found: readonly Key[], limit: number): Page {
  const keys = found.slice(0, limit);
  const last = found.length > limit ? keys.at(-1) : undefined;
  return { keys, nextCursor: last === undefined ? '' : cursorOf(last) };
}

/** Opaque to clients; it reveals nothing that the page did not show. */
export function cursorOf({ createdAt, id }: Position): string {
  return Buffer.from(`${createdAt.getTime()}/${id}`).toString('base64url');
}

/** Throws `invalid_request` for what `cursorOf` did not make. */
export function readCursor(cursor: string): Position {
  const match = /^(\d{1,15})\/([0-9a-f-]{36})$/.exec(
    Buffer.from(cursor.slice(0, 100), 'base64url').toString(),
  );
  const position = { createdAt: new Date(Number(match?.[1])), id: match?.[2] ?? '' };
  if (isUuid(position.id) && cursorOf(position) === cursor) return position;
  throw new HokusaiError(
    'invalid_request',
    'The cursor is not one that a list has answered: start again without it.',
    {
      reason: 'invalid_cursor',
    },
  );
}
