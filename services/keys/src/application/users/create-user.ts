/** Making a user. */
import type { Caller } from '../../domain/actor.ts';
import { onRoute, type Repetition, type Sealer } from '../../domain/repetition.ts';
import type { User } from '../../domain/user.ts';
import { decideUserCreation, type UserCreationRequest } from '../../domain/user-access.ts';
import type { UserStore, UserTransaction } from '../../domain/user-ports.ts';
import type { EventFactory } from '../events.ts';
import type { AuditRefusals } from '../refusals.ts';
import { createReplay } from '../replay.ts';
import { admitAdmin } from './admit-admin.ts';
import { storeUser } from './store-user.ts';

/**
 * Throws `permission_denied`, `unprocessable`, `unavailable`, or `conflict`: for an external id that is
 * taken, and with a repetition while the first request is running. Repetitions get the first one's user.
 */
export type CreateUser = (
  caller: Caller,
  request: UserCreationRequest,
  repetition: Repetition | null,
) => Promise<User>;

export interface CreateUserDependencies {
  store: UserStore;
  sealer: Sealer;
  events: EventFactory;
  auditRefusals: AuditRefusals;
  newId: () => string;
}

export function createCreateUser(dependencies: CreateUserDependencies): CreateUser {
  const { store, sealer, events, auditRefusals, newId } = dependencies;
  const replay = createReplay(sealer, 'admin');

  async function create(
    tx: UserTransaction,
    caller: Caller,
    request: UserCreationRequest,
    asked: Repetition | null,
  ): Promise<User> {
    const repetition = onRoute(asked, 'CreateUser');
    const answer = repetition && (await replay.find(tx, caller, repetition));
    const answered = answer && (await tx.readUser(answer.id));
    if (answered) return answered;
    const { actor } = await admitAdmin(tx, caller);
    const user = { id: newId(), ...decideUserCreation(actor, request) };
    const by = { via: 'gateway', caller, userId: actor.userId } as const;
    const created = await storeUser(tx, events, { user, by });
    if (repetition) await replay.remember(tx, caller, repetition, { id: created.id });
    return created;
  }

  return (caller, request, repetition) =>
    auditRefusals(caller, { action: 'user.created', target: null }, () =>
      store.transaction((tx) => create(tx, caller, request, repetition)),
    );
}
