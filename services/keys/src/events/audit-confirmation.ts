/** Asks the audit service what it has stored. */
import type { ServiceClient, services } from '@hokusai/contracts';
import type { StoredEvent } from './outbox-store.ts';

type AuditClient = ServiceClient<(typeof services)['audit']>;

/** The events among `ids` that are committed in the audit log, and where. Throws HokusaiError. */
export function createConfirmation(audit: AuditClient): (ids: readonly string[]) => Promise<StoredEvent[]> {
  return async (ids) => {
    const { stored } = await audit.call('ConfirmStored', { eventIds: [...ids] });
    return stored.map(({ eventId, chainSeq, hash }) => ({ id: eventId, chainSeq, hash: Buffer.from(hash) }));
  };
}
