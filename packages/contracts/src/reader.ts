/** Who asks the services that answer from what they store; the gateway has proved it. */
import { HokusaiError } from './errors.ts';
import { isUuid } from './identifiers.ts';

export interface Reader {
  /** A uuid in lower case. */
  userId: string;
  isAdmin: boolean;
}

/** The reader, or `unauthenticated` for a call that doesn't say who is asking. */
export function readerOf(userId: string | undefined, isAdmin: boolean | undefined): Reader {
  if (!userId || !isUuid(userId))
    throw new HokusaiError('unauthenticated', 'The call does not say which user is asking.');
  return { userId: userId.toLowerCase(), isAdmin: isAdmin === true };
}

/** Throws `permission_denied` for a member. */
export function requireAdmin(reader: Reader, action: string): void {
  if (!reader.isAdmin) throw new HokusaiError('permission_denied', `Only an admin may ${action}.`);
}
