/** Looking at what proves the audit log. */
import { admit, type Caller } from '../domain/actor.ts';
import {
  requireAuditAdmin,
  type WitnessPage,
  type WitnessStore,
  witnessPageSize,
} from '../domain/witnesses.ts';
import { type AuditRefusalsDependencies, createAuditRefusals } from './refusals.ts';

/** Throws `permission_denied`, `unprocessable`, or `unavailable`. */
export type ListWitnesses = (
  caller: Caller,
  page: { afterChainSeq: number; pageSize: number },
) => Promise<WitnessPage>;

export function createListWitnesses({
  witnesses,
  ...given
}: AuditRefusalsDependencies & { witnesses: WitnessStore }): ListWitnesses {
  const auditRefusals = createAuditRefusals(given);
  return (caller, { afterChainSeq, pageSize }) =>
    auditRefusals(caller, { action: 'audit.read', target: { type: 'audit', id: 'witnesses' } }, async () => {
      const { now, get } = await given.store.readKeys([caller.actingKeyId]);
      requireAuditAdmin(admit(caller, get(caller.actingKeyId), now));
      const limit = witnessPageSize(pageSize);
      const found = await witnesses.listWitnesses(afterChainSeq, limit + 1);
      return { witnesses: found.slice(0, limit), hasMore: found.length > limit };
    });
}
