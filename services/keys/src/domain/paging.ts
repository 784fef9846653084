/** Pages of a list that is newest first. */
import { DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE } from '@hokusai/contracts/fields';
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

export interface Page<Item> {
  items: Item[];
  /** Where the next page begins after; null on the last page. */
  end: Position | null;
}

/** A page from what was found, of which there may be one more than fit. */
export function pageOf<Item extends Position>(found: readonly Item[], limit: number): Page<Item> {
  const items = found.slice(0, limit);
  const last = found.length > limit ? items.at(-1) : undefined;
  return { items, end: last === undefined ? null : { createdAt: last.createdAt, id: last.id } };
}
