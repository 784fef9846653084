/** Looking at users. */
import { admit, type Caller } from '../../domain/actor.ts';
import type { Cursors } from '../../domain/cursor.ts';
import { pageOf } from '../../domain/paging.ts';
import type { User } from '../../domain/user.ts';
import { decideUserRead, requireUserAdmin } from '../../domain/user-access.ts';
import {
  checkUserListRequest,
  type UserListRequest,
  type UserPage,
  userListIdentity,
} from '../../domain/user-listing.ts';
import type { UserStore } from '../../domain/user-ports.ts';
import type { AuditRefusals } from '../refusals.ts';
import { targetOf } from './user-events.ts';

export interface ReadUsersDependencies {
  store: UserStore;
  cursors: Cursors;
  auditRefusals: AuditRefusals;
}

/** Throws `permission_denied`, `not_found`, or `unavailable`. */
export type GetUser = (caller: Caller, userId: string) => Promise<User>;

export function createGetUser({ store, auditRefusals }: Omit<ReadUsersDependencies, 'cursors'>): GetUser {
  return (caller, userId) =>
    auditRefusals(caller, { action: 'user.read', target: targetOf(userId) }, async () => {
      const { now, get } = await store.readKeys([caller.actingKeyId]);
      const actor = admit(caller, get(caller.actingKeyId), now);
      requireUserAdmin(actor);
      return decideUserRead(actor, await store.readUser(userId));
    });
}

/** Throws `permission_denied`, `invalid_request`, `unprocessable`, or `unavailable`. */
export type ListUsers = (caller: Caller, request: UserListRequest) => Promise<UserPage>;

export function createListUsers({ store, cursors, auditRefusals }: ReadUsersDependencies): ListUsers {
  return (caller, request) =>
    auditRefusals(caller, { action: 'user.listed', target: null }, async () => {
      const { now, get } = await store.readKeys([caller.actingKeyId]);
      requireUserAdmin(admit(caller, get(caller.actingKeyId), now));
      const query = checkUserListRequest(request, cursors);
      const { items, end } = pageOf(await store.listUsers(query), query.limit);
      return { users: items, nextCursor: end === null ? '' : cursors.of(end, userListIdentity(query)) };
    });
}
