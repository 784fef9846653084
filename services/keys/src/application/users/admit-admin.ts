import { type Actor, admit, type Caller } from '../../domain/actor.ts';
import { requireUserAdmin } from '../../domain/user-access.ts';
import type { UserTransaction } from '../../domain/user-ports.ts';

/**
 * Lets an admin in who is one until the end of the transaction: whoever is disabled or demoted, or whose key is
 * revoked, while this waits for a lock changes nothing any more. Of two admins who disable each other, the second
 * waits here and finds themself disabled.
 *
 * @param others users to be locked with the admin
 */
export async function admitAdmin(
  tx: UserTransaction,
  caller: Caller,
  others: readonly string[] = [],
): Promise<{ now: Date; actor: Actor }> {
  const { actor } = await admitted(tx, caller);
  requireUserAdmin(actor);
  await tx.lockUsers([actor.userId, ...others]);
  await tx.shareKey(actor.keyId);
  return admitted(tx, caller);
}

async function admitted(tx: UserTransaction, caller: Caller): Promise<{ now: Date; actor: Actor }> {
  const { now, get } = await tx.readKeys([caller.actingKeyId]);
  return { now, actor: admit(caller, get(caller.actingKeyId), now) };
}
