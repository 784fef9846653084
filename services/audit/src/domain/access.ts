/** Who may read which events, and whether a query makes sense. */
import { HokusaiError, unprocessable, type Violation } from '@hokusai/contracts/errors';
import { isUuid } from '@hokusai/contracts/identifiers';
import type { Reader } from '@hokusai/contracts/reader';

/** null selects all. Half-open: from ≤ occurred_at < to. */
export interface EventFilter {
  actorUserId: string | null;
  /** The key that acted, or that was acted on. */
  keyId: string | null;
  targetId: string | null;
  action: string | null;
  outcome: string | null;
  clientIp: string | null;
  requestId: string | null;
  from: Date | null;
  to: Date | null;
}

/** Nothing is left out. */
export function selectsAll(filter: EventFilter): boolean {
  return Object.values(filter).every((value) => value === null);
}

const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 500;

/** An admin sees everybody's personal values; a member only those of their own actions. */
export function maySeePersonalValues(reader: Reader, actorUserId: string | null): boolean {
  return reader.isAdmin || actorUserId === reader.userId;
}

/** The page's size; throws `unprocessable` with everything that is wrong with the query. */
export function checkQuery(filter: EventFilter, pageSize: number): number {
  return sizeOf(pageSize, filterProblems(filter));
}

/** The page's size; throws `unprocessable` if it is too large. */
export function checkPageSize(pageSize: number): number {
  return sizeOf(pageSize, []);
}

/** Throws `unprocessable` with everything that is wrong with what is to be exported. */
export function checkExport(filter: EventFilter, rows: { from: number | null; to: number | null }): void {
  const violations = filterProblems(filter);
  if (rows.from !== null && rows.to !== null && rows.from > rows.to)
    violations.push({ path: 'to_chain_seq', message: 'expected a row that is not before the first' });
  if (violations.length > 0) throw unprocessable(violations);
}

function sizeOf(pageSize: number, problems: readonly Violation[]): number {
  const violations = [...problems];
  if (pageSize > MAX_PAGE_SIZE)
    violations.push({ path: 'page_size', message: `expected at most ${MAX_PAGE_SIZE}` });
  if (violations.length > 0) throw unprocessable(violations);
  return pageSize || DEFAULT_PAGE_SIZE;
}

function filterProblems(filter: EventFilter): Violation[] {
  const violations: Violation[] = [];
  for (const [path, id] of [
    ['actor_user_id', filter.actorUserId],
    ['key_id', filter.keyId],
  ] as const)
    if (id !== null && !isUuid(id)) violations.push({ path, message: 'expected a uuid' });
  if (filter.from && filter.to && filter.from > filter.to)
    violations.push({ path: 'to', message: 'expected a time that is not before `from`' });
  return violations;
}

/** Where a page ended: the number of its last event. Opaque to clients. */
export function cursorOf(chainSeq: number): string {
  return Buffer.from(`seq:${chainSeq}`).toString('base64url');
}

/** null for the first page. Throws `invalid_request` for a cursor that isn't ours. */
export function parseCursor(cursor: string): number | null {
  if (cursor === '') return null;
  const match = /^seq:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString());
  if (match) return Number(match[1]);
  throw new HokusaiError('invalid_request', 'The cursor is not one that this list gave out: leave it away.');
}
