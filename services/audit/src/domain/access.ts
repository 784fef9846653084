/** Who may read which events, and whether a query makes sense. */
import { HokusaiError, type Violation } from '@hokusai/contracts/errors';

/** Who is asking, as proved by the gateway. */
export interface Reader {
  userId: string;
  isAdmin: boolean;
}

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

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const DEFAULT_PAGE_SIZE = 100;
const MAX_PAGE_SIZE = 500;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** The reader, or `unauthenticated` for a call that doesn't say who is asking. */
export function readerOf(userId: string | undefined, isAdmin: boolean | undefined): Reader {
  if (!userId || !isUuid(userId))
    throw new HokusaiError('unauthenticated', 'The call does not say which user is asking.');
  return { userId: userId.toLowerCase(), isAdmin: isAdmin === true };
}

/** Throws `permission_denied` for a member. */
export function requireAdmin(reader: Reader, action: string): void {
  if (!reader.isAdmin) throw new HokusaiError('permission_denied', `Only an admin may ${action}.`);
}

/** An admin sees everybody's personal values; a member only those of their own actions. */
export function maySeePersonalValues(reader: Reader, actorUserId: string | null): boolean {
  return reader.isAdmin || actorUserId === reader.userId;
}

/** The page's size; throws `unprocessable` with everything that is wrong with the query. */
export function checkQuery(filter: EventFilter, pageSize: number): number {
  const violations: Violation[] = [];
  if (pageSize > MAX_PAGE_SIZE)
    violations.push({ path: 'page_size', message: `expected at most ${MAX_PAGE_SIZE}` });
  for (const [path, id] of [
    ['actor_user_id', filter.actorUserId],
    ['key_id', filter.keyId],
  ] as const)
    if (id !== null && !isUuid(id)) violations.push({ path, message: 'expected a uuid' });
  if (filter.from && filter.to && filter.from > filter.to)
    violations.push({ path: 'to', message: 'expected a time that is not before `from`' });
  if (violations.length > 0) throw unprocessable(violations);
  return pageSize || DEFAULT_PAGE_SIZE;
}

/** Throws `unprocessable` with all of the violations in its message. */
export function unprocessable(violations: readonly Violation[]): HokusaiError {
  const list = violations.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new HokusaiError('unprocessable', `The request breaks a rule: ${list}.`, { violations });
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
