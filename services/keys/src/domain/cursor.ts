/**
 * Cursors: where the next page of a list begins, for the caller to hand back as it is. Each is bound to its list
 * (which things, whose, by what filters) by a MAC, so that nobody reads on in another list, or from a place that
 * they made up.
 */
import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';
import { HokusaiError } from '@hokusai/contracts/errors';
import { isUuid } from '@hokusai/contracts/identifiers';
import type { PepperRing } from './digest.ts';
import type { Position } from './paging.ts';

/** What tells a list from others, as JSON. */
export type ListIdentity = Readonly<Record<string, unknown>>;

export interface Cursors {
  of(position: Position, list: ListIdentity): string;
  /** Throws `invalid_request` for what `of` did not make for this list, or under a pepper that is gone. */
  read(cursor: string, list: ListIdentity): Position;
}

const MAC_BYTES = 16;
/** Far more than a cursor has. */
const LENGTH_LIMIT = 200;

export function createCursors(peppers: PepperRing): Cursors {
  return {
    of: (position, list) => {
      const place = `${position.createdAt.getTime()}/${position.id}`;
      return Buffer.concat([macOf(peppers[0].secret, place, list), Buffer.from(place)]).toString('base64url');
    },
    read: (cursor, list) => {
      const bytes = Buffer.from(cursor.slice(0, LENGTH_LIMIT), 'base64url');
      const [mac, place] = [bytes.subarray(0, MAC_BYTES), bytes.subarray(MAC_BYTES).toString()];
      // One text for one cursor: base64 can write the last bits in several ways.
      const isGenuine =
        bytes.toString('base64url') === cursor &&
        peppers.some(({ secret }) => isEqual(mac, macOf(secret, place, list)));
      const position = isGenuine ? positionOf(place) : undefined;
      if (position) return position;
      throw new HokusaiError(
        'invalid_request',
        'The cursor is not one that this list has answered: use it with the filters of the page before, or start again without it.',
        { reason: 'invalid_cursor' },
      );
    },
  };
}

/** The prefix keeps apart what else is made with the pepper; no API key begins like this. */
function macOf(pepper: KeyObject, place: string, list: ListIdentity): Buffer {
  const text = JSON.stringify(['hokusai cursor', place, list]);
  return createHmac('sha256', pepper).update(text).digest().subarray(0, MAC_BYTES);
}

function isEqual(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

function positionOf(place: string): Position | undefined {
  const [ms = '', id = ''] = place.split('/');
  return /^\d{1,15}$/.test(ms) && isUuid(id) ? { createdAt: new Date(Number(ms)), id } : undefined;
}
