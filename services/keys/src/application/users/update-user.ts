/** Changing a user, and with them what all of their keys may do. */
import type { Caller } from '../../domain/actor.ts';
import type { User } from '../../domain/user.ts';
import { decideUserRead, decideUserUpdate, type UserUpdateRequest } from '../../domain/user-access.ts';
import type { UserStore, UserTransaction } from '../../domain/user-ports.ts';
import type { EventFactory } from '../events.ts';
import type { AuditRefusals } from '../refusals.ts';
import { admitAdmin } from './admit-admin.ts';
import { attemptedChange, userChanged } from './user-events.ts';

/** Throws `permission_denied`, `not_found`, `unprocessable`, or `unavailable`. */
export type UpdateUser = (caller: Caller, userId: string, request: UserUpdateRequest) => Promise<User>;

export interface UpdateUserDependencies {
  store: UserStore;
  events: EventFactory;
  auditRefusals: AuditRefusals;
}

export function createUpdateUser({ store, events, auditRefusals }: UpdateUserDependencies): UpdateUser {
  async function update(tx: UserTransaction, caller: Caller, userId: string, request: UserUpdateRequest) {
    const { actor, now } = await admitAdmin(tx, caller, [userId]);
    const user = decideUserRead(actor, await tx.readUser(userId));
    const settings = decideUserUpdate(actor, user, request);
    const change = userChanged(user, settings);
    if (change === undefined) return user;
    const updated = await tx.updateUser(user.id, settings);
    const by = { via: 'gateway', caller, userId: actor.userId } as const;
    await tx.addEvents([events.audit({ ...change, outcome: 'success', at: now, by })]);
    return updated;
  }

  return (caller, userId, request) =>
    auditRefusals(caller, attemptedChange(userId, request), () =>
      store.transaction((tx) => update(tx, caller, userId, request)),
    );
}
