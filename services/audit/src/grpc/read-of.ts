/** What a call reads of the log, for the log itself. */
import { fromTimestamp } from '@hokusai/contracts';
import type { EventFilter__Output } from '@hokusai/contracts/gen/audit/v1/EventFilter';
import type { Reader__Output } from '@hokusai/contracts/gen/audit/v1/Reader';
import type { AuditRead, ReadKind } from '../domain/reads.ts';

/** As far as a method's request has it. */
interface ReadCall {
  reader: Reader__Output | null;
  filter?: EventFilter__Output | null;
  eventId?: string;
  fromChainSeq?: string;
  toChainSeq?: string;
}

/** @param caller the calling service */
export function readOf(kind: ReadKind, call: ReadCall, caller: string): AuditRead {
  const { reader } = call;
  const criteria = Object.entries(askedFor(call)).filter((entry): entry is [string, string] => !!entry[1]);
  return {
    kind,
    reader: {
      actingUserId: reader?.actingUserId ?? '',
      actingKeyId: reader?.actingKeyId ?? '',
      requestId: reader?.requestId ?? '',
      clientIp: reader?.clientIp ?? '',
      userAgent: reader?.userAgent ?? '',
    },
    service: caller,
    criteria: Object.fromEntries(criteria),
  };
}

function askedFor({
  filter,
  eventId,
  fromChainSeq,
  toChainSeq,
}: ReadCall): Record<string, string | undefined> {
  return {
    event_id: eventId,
    from_chain_seq: fromChainSeq === '0' ? undefined : fromChainSeq,
    to_chain_seq: toChainSeq === '0' ? undefined : toChainSeq,
    actor_user_id: filter?.actorUserId,
    key_id: filter?.keyId,
    target_id: filter?.targetId,
    action: filter?.action,
    outcome: filter?.outcome,
    client_ip: filter?.clientIp,
    request_id: filter?.requestId,
    from: fromTimestamp(filter?.from)?.toISOString(),
    to: fromTimestamp(filter?.to)?.toISOString(),
  };
}
