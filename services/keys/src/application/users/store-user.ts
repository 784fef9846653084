/** What every way of making a user has in common: the row, and its audit event. */
import type { NewUser, User } from '../../domain/user.ts';
import type { UserTransaction } from '../../domain/user-ports.ts';
import type { AuditActor, EventFactory } from '../events.ts';
import { userCreated } from './user-events.ts';

/** Throws `conflict` if the external id is taken. */
export async function storeUser(
  tx: UserTransaction,
  events: EventFactory,
  { user, by, reason = null }: { user: NewUser; by: AuditActor; reason?: string | null },
): Promise<User> {
  const created = await tx.insertUser(user);
  const at = created.createdAt;
  await tx.addEvents([events.audit({ ...userCreated(created), outcome: 'success', at, by, reason })]);
  return created;
}
