/** What the owner of the log takes away, and what of it stays in the log. */
import type { AuditEvent } from '@hokusai/contracts';

/** What was asked for makes no sense, or can't be done: the message says why. */
export class RetentionError extends Error {
  override readonly name = 'RetentionError';
}

/** What values are erased by. */
export type ErasureCriterion =
  | { by: 'email' | 'client_ip'; value: string }
  /** All values of events that this user (uuid) did, or that were done to them. */
  | { by: 'user_id'; value: string };

export interface Erased {
  values: number;
  events: number;
}

/** The rows that go. */
export interface PrunedRows {
  first: number;
  /** Of the checkpoint that stands for them from now on. */
  last: number;
  signedAt: Date;
}

/** Who runs a command of the owner. */
export interface HostUser {
  host: string;
  osUser: string;
}

export function prunedEvent(rows: PrunedRows, before: Date, by: HostUser, now: Date): AuditEvent {
  const after = {
    before: before.toISOString(),
    from_chain_seq: rows.first,
    to_chain_seq: rows.last,
    checkpoint_signed_at: rows.signedAt.toISOString(),
  };
  return { ...ownerEvent('audit.pruned', by, now), target: { type: 'audit', id: 'log' }, after };
}

/** Never what was erased. */
export function erasedEvent(
  { by: criterion, value }: ErasureCriterion,
  { values, events }: Erased,
  by: HostUser,
  now: Date,
): AuditEvent {
  return {
    ...ownerEvent('audit.erased', by, now),
    target: criterion === 'user_id' ? { type: 'user', id: value } : { type: 'audit', id: 'personal_values' },
    after: { by: criterion, values, events },
  };
}

function ownerEvent(
  action: string,
  { host, osUser }: HostUser,
  now: Date,
): Omit<AuditEvent, 'target' | 'after'> {
  return {
    action,
    outcome: 'success',
    occurred_at: now.toISOString(),
    actor: { user_id: null, key_id: null, key_prefix: null, via: 'owner', host },
    before: null,
    reason: null,
    count: 1,
    request_id: null,
    trace_id: null,
    personal: { os_user: osUser },
  };
}
