/** Where a page of unused keys ended. Opaque to clients. */
import { HokusaiError } from '@hokusai/contracts/errors';
import { timeProblem } from '@hokusai/contracts/fields';
import { isUuid } from '@hokusai/contracts/identifiers';
import type { UnusedPosition } from './ports.ts';

export function unusedCursorOf({ lastUsedAt, keyId }: UnusedPosition): string {
  return Buffer.from(`${lastUsedAt?.getTime() ?? 'never'}:${keyId}`).toString('base64url');
}

/** null for the first page. Throws `invalid_request` for a cursor that isn't ours. */
export function parseUnusedCursor(cursor: string): UnusedPosition | null {
  if (cursor === '') return null;
  const match = /^(never|-?\d{1,15}):(.+)$/.exec(Buffer.from(cursor, 'base64url').toString());
  const [, time = '', keyId = ''] = match ?? [];
  const lastUsedAt = time === 'never' ? null : new Date(Number(time));
  if (!isUuid(keyId) || (lastUsedAt && timeProblem(lastUsedAt)))
    throw new HokusaiError(
      'invalid_request',
      'The cursor is not one that this list gave out: leave it away.',
    );
  return { lastUsedAt, keyId };
}
