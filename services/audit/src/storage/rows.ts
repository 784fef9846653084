/** Rows of the log to and from the database. */
import type { ChainRow, PersonalValue, QueryColumns } from '@hokusai/audit-chain';

/** Columns of `audit_events as e`, with the personal values beside it. */
export const ROW_COLUMNS = `
  e.chain_seq, e.event_id, e.previous_hash, e.hash, e.body, e.stored_at, e.occurred_at, e.source, e.action,
  e.outcome, e.actor_user_id, e.actor_key_id, e.target_type, e.target_id, e.target_owner_id,
  e.request_id, e.trace_id,
  (select json_agg(json_build_object('name', name, 'value', value, 'salt', encode(salt, 'hex')) order by name)
   from personal_values as p where p.chain_seq = e.chain_seq) as personal`;

export interface EventRecord extends Omit<QueryColumns, 'stored_at' | 'occurred_at'> {
  chain_seq: string;
  event_id: string;
  previous_hash: Buffer;
  hash: Buffer;
  body: string;
  stored_at: Date;
  occurred_at: Date;
  /** null: there are none, or they are erased. */
  personal: { name: string; value: string; salt: string }[] | null;
}

export function rowOf(record: EventRecord): ChainRow {
  const { chain_seq, event_id, previous_hash, hash, body, stored_at, occurred_at, personal, ...columns } =
    record;
  return {
    chainSeq: Number(chain_seq),
    eventId: event_id,
    previousHash: previous_hash,
    hash,
    body,
    columns: { ...columns, stored_at: stored_at.toISOString(), occurred_at: occurred_at.toISOString() },
    personal: (personal ?? []).map(toPersonalValue),
  };
}

function toPersonalValue({
  name,
  value,
  salt,
}: {
  name: string;
  value: string;
  salt: string;
}): PersonalValue {
  return { name, value, salt: Buffer.from(salt, 'hex') };
}
