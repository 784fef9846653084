/** Appends events to the chain: one appender at a time, each event once, a batch in one transaction. */
import { type Clock, type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { appendToChain, type ChainHead, type ChainRow, type IncomingEvent } from '../domain/chain.ts';
import type { Appender } from '../domain/ports.ts';
import { personalRecordsOf, recordOf } from './rows.ts';

export interface AppenderOptions {
  pool: Pool;
  clock: Clock;
  randomBytes: (size: number) => Uint8Array;
}

export function createAppender({ pool, clock, randomBytes }: AppenderOptions): Appender {
  return {
    append: (events) =>
      transaction(pool, async (client) => {
        const head = await lockHead(client);
        // Asked under the lock: whatever another appender has stored is visible now.
        const fresh = await withoutStored(client, events);
        const context = { storedAt: new Date(clock.now()), randomBytes };
        const rows = appendToChain(head, fresh, context);
        if (rows.length > 0) await store(client, rows);
      }),
  };
}

/** Reads the head and keeps other appenders waiting until the transaction ends. */
async function lockHead(client: Queryable): Promise<ChainHead> {
  const { rows } = await client.query<{ chain_seq: string; hash: Buffer }>(
    'select chain_seq, hash from audit_head for update',
  );
  const [head] = rows;
  if (!head) throw new Error('the audit log has no head: its migrations are missing');
  return { chainSeq: Number(head.chain_seq), hash: head.hash };
}

async function withoutStored(client: Queryable, events: readonly IncomingEvent[]): Promise<IncomingEvent[]> {
  const { rows } = await client.query<{ event_id: string }>(
    'select event_id from audit_events where event_id = any($1)',
    [events.map(({ eventId }) => eventId)],
  );
  const seen = new Set(rows.map(({ event_id }) => event_id));
  return events.filter(({ eventId }) => {
    const isNew = !seen.has(eventId);
    seen.add(eventId);
    return isNew;
  });
}

async function store(client: Queryable, rows: readonly ChainRow[]): Promise<void> {
  await client.query(
    `insert into audit_events (
       chain_seq, event_id, previous_hash, hash, body, stored_at, occurred_at, source, action, outcome,
       actor_user_id, actor_key_id, target_type, target_id, target_owner_id, request_id, trace_id)
     select
       chain_seq, event_id, decode(previous_hash, 'hex'), decode(hash, 'hex'), body, stored_at, occurred_at,
       source, action, outcome, actor_user_id, actor_key_id, target_type, target_id, target_owner_id,
       request_id, trace_id
     from json_to_recordset($1) as event (
       chain_seq bigint, event_id uuid, previous_hash text, hash text, body text, stored_at timestamptz,
       occurred_at timestamptz, source text, action text, outcome text, actor_user_id uuid,
       actor_key_id uuid, target_type text, target_id text, target_owner_id uuid, request_id text,
       trace_id text)`,
    [JSON.stringify(rows.map(recordOf))],
  );
  await client.query(
    `insert into personal_values (chain_seq, name, value, salt)
     select chain_seq, name, value, decode(salt, 'hex')
     from json_to_recordset($1) as personal (chain_seq bigint, name text, value text, salt text)`,
    [JSON.stringify(rows.flatMap(personalRecordsOf))],
  );
  const last = rows.at(-1) as ChainRow;
  await client.query('update audit_head set chain_seq = $1, hash = $2', [last.chainSeq, last.hash]);
}
