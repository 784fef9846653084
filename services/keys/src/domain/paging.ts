/** Pages of a list that is newest first, and where a page ends. */
import { HokusaiError } from '@hokusai/contracts/errors';
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '@hokusai/contracts/fields';
import { isUuid } from '@hokusai/contracts/identifiers';
import type { Violations } from './violations.ts';

export interface PageRequest {
  /** 0: the default. */
  pageSize: number;
  /** Empty: from the newest. */
  cursor: string;
}

/** Place in a list. */
export interface Position {
  createdAt: Date;
  id: string;
}

export interface PageQuery {
  limit: number;
  after: Position | null;
}

/** How many there are on a page. */
export function checkPageSize(pageSize: number, violations: Violations): number {
  if (pageSize > MAX_PAGE_SIZE) violations.add('page_size', `expected at most ${MAX_PAGE_SIZE}`);
  return pageSize === 0 ? DEFAULT_PAGE_SIZE : pageSize;
}

/** A page from what was found, of which there may be one more than fit. */
export function pageOf<Item extends Position>(
  found: readonly Item[],
  limit: number,
): { items: Item[]; nextCursor: string } {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, nextCursor: last === undefined ? '' : cursorOf(last) };
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
