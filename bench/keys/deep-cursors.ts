/** Cursors to places that nobody wants to page down to. */
import type { ListKeysRequest } from '@hokusai/contracts/gen/keys/v1/ListKeysRequest';
import { createCursors } from '../../services/keys/src/domain/cursor.ts';
import { pepperRing } from '../../services/keys/src/domain/digest.ts';
import { checkListRequest, keyListIdentity } from '../../services/keys/src/domain/listing.ts';
import type { Position } from '../../services/keys/src/domain/paging.ts';
import { listRequestOf } from '../../services/keys/src/grpc/requests.ts';

/** Answers the cursor that an admin's list by `request` would lead to, had its last page ended at a position. */
export type CursorAt = (position: Position, request: Omit<ListKeysRequest, 'caller'>) => string;

const NO_FILTERS = {
  ...{ caller: null, pageSize: 0, cursor: '', userId: '', scope: '', nameContains: '' },
  ...{ unusedSince: null, expiresBefore: null },
  ...({ state: 'KEY_STATE_FILTER_UNSPECIFIED', environment: 'ENVIRONMENT_UNSPECIFIED' } as const),
};

/** @param pepper the service's */
export function cursorsOf(pepper: { id: string; secret: Buffer }): CursorAt {
  const cursors = createCursors(pepperRing([pepper]));
  return (position, request) => {
    const asked = listRequestOf({ ...NO_FILTERS, ...request } as Parameters<typeof listRequestOf>[0]);
    return cursors.of(position, keyListIdentity(checkListRequest(asked, null, new Date(), cursors)));
  };
}
