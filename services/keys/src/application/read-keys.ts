/** Looking at keys. */
import { decideListing, decideRead } from '../domain/access.ts';
import { admit, type Caller } from '../domain/actor.ts';
import type { Cursors } from '../domain/cursor.ts';
import type { Key } from '../domain/key.ts';
import { checkListRequest, keyListIdentity, type ListRequest, type Page } from '../domain/listing.ts';
import { pageOf } from '../domain/paging.ts';
import type { KeyStore } from '../domain/ports.ts';
import type { AuditRefusals } from './refusals.ts';

export interface ReadKeysDependencies {
  store: KeyStore;
  cursors: Cursors;
  auditRefusals: AuditRefusals;
}

/** Throws `permission_denied`, `not_found`, or `unavailable`. */
export type GetKey = (caller: Caller, keyId: string) => Promise<Key>;

export function createGetKey({ store, auditRefusals }: Omit<ReadKeysDependencies, 'cursors'>): GetKey {
  return (caller, keyId) =>
    auditRefusals(caller, { action: 'key.read', target: { type: 'key', id: keyId } }, async () => {
      const { now, get } = await store.readKeys([caller.actingKeyId, keyId]);
      const actor = admit(caller, get(caller.actingKeyId), now);
      return decideRead(actor, get(keyId)).key;
    });
}

/** Throws `permission_denied`, `invalid_request`, `unprocessable`, or `unavailable`. */
export type ListKeys = (caller: Caller, request: ListRequest) => Promise<Page>;

export function createListKeys({ store, cursors, auditRefusals }: ReadKeysDependencies): ListKeys {
  return (caller, request) =>
    auditRefusals(caller, { action: 'key.listed', target: null }, async () => {
      const { now, get } = await store.readKeys([caller.actingKeyId]);
      const actor = admit(caller, get(caller.actingKeyId), now);
      const query = checkListRequest(request, decideListing(actor), now, cursors);
      const { items, end } = pageOf(await store.listKeys(query), query.limit);
      return { keys: items, nextCursor: end === null ? '' : cursors.of(end, keyListIdentity(query)) };
    });
}
