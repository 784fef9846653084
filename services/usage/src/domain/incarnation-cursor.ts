/** Where a page of gateway processes ended. Opaque to clients. */
import { HokusaiError } from '@hokusai/contracts/errors';
import { isUuid } from '@hokusai/contracts/identifiers';
import type { IncarnationPosition } from './ports.ts';

const LAST_MS = Date.parse('9999-12-31T23:59:59.999Z');

export function incarnationCursorOf({ firstHeardAt, incarnation }: IncarnationPosition): string {
  return Buffer.from(`${firstHeardAt.getTime()}:${incarnation}`).toString('base64url');
}

/** null for the first page. Throws `invalid_request` for a cursor that isn't ours. */
export function parseIncarnationCursor(cursor: string): IncarnationPosition | null {
  if (cursor === '') return null;
  const match = /^(\d{1,15}):(.+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  const [, time = '', incarnation = ''] = match ?? [];
  if (!isUuid(incarnation) || Number(time) > LAST_MS)
    throw new HokusaiError(
      'invalid_request',
      'The cursor is not one that this list gave out: leave it away.',
    );
  return { firstHeardAt: new Date(Number(time)), incarnation };
}
