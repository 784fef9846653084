/** The outbox's SQL. All statements are short: an open transaction would hold back the followers' cut. */
import { type Pool, transaction } from '@hokusai/service-kit';

export interface OutboxEvent {
  id: string;
  subject: string;
  /** JSON. */
  payload: string;
  /** Of the traced request that caused it, as it stands in the payload. */
  traceparent: string | null;
  /** How often it was sent and acknowledged before. */
  sendings: number;
}

export interface SentEvent {
  id: string;
  sendings: number;
  /** Since the last sending was acknowledged. */
  sentAgoMs: number;
  isParked: boolean;
}

/** Where the audit log keeps an event. */
export interface StoredEvent {
  id: string;
  chainSeq: string;
  hash: Buffer;
}

export interface OutboxState {
  parked: number;
  /** Age of the oldest event that is not sent; null if there is none. */
  oldestUnsentMs: number | null;
}

/**
 * Of each order key the oldest unsent event only, so that no replica overtakes another. The first limit
 * bounds what is read however long the backlog is. A replica that ends before it has marked its claims
 * leaves them to the others when their time is over. Arrays instead of joins: the table goes from empty
 * to full faster than the planner's statistics follow.
 */
const CLAIM_UNSENT = `
  with oldest as materialized (
    select id, seq, claimed_until, row_number() over (partition by order_key order by seq) as place
    from (select id, seq, order_key, claimed_until from outbox
          where sent_at is null and parked_at is null order by seq limit $2) as unsent
  ), due as materialized (
    select id from outbox
    where id = any(array(
        select id from oldest where place = 1 and (claimed_until is null or claimed_until < clock_timestamp())
        order by seq limit $1))
      and sent_at is null and parked_at is null
      and (claimed_until is null or claimed_until < clock_timestamp())
    for update skip locked
  )
  update outbox set claimed_until = clock_timestamp() + $3 * interval '1 millisecond'
  where id = any(array(select id from due))
  returning id, subject, payload::text as payload, payload ->> 'traceparent' as traceparent, attempts as sendings`;

const CLAIM_SENT = `
  with due as materialized (
    select id from outbox where sent_at is not null and confirm_at <= clock_timestamp()
    order by confirm_at limit $1
    for update skip locked
  )
  update outbox set confirm_at = clock_timestamp()
    + case when parked_at is null then $2::float8 else $3::float8 end * interval '1 millisecond'
  where id = any(array(select id from due))
  returning id, attempts as sendings, parked_at is not null as "isParked",
    (extract(epoch from clock_timestamp() - sent_at) * 1000)::float8 as "sentAgoMs"`;

const MARK_SENT = `
  update outbox set sent_at = clock_timestamp(), attempts = attempts + 1, claimed_until = null,
    confirm_at = clock_timestamp() + $2 * interval '1 millisecond'
  where id = any($1::uuid[]) and sent_at is null`;

const PARK = `
  update outbox set parked_at = clock_timestamp(), parked_reason = $2, claimed_until = null
  where id = any($1::uuid[]) and parked_at is null`;

const ADD_WITNESS = `
  insert into stored_events (event_id, chain_seq, hash)
  select * from unnest($1::uuid[], $2::bigint[], $3::bytea[])
  on conflict (event_id) do nothing`;

const STATE = `
  select (select count(*) from outbox where parked_at is not null)::int as parked,
    (select (extract(epoch from clock_timestamp() - created_at) * 1000)::float8 from outbox
     where sent_at is null and parked_at is null order by seq limit 1) as "oldestUnsentMs"`;

/** Events that one claim looks at to find those that may be sent. */
const SCAN_LIMIT = 1000;

export type OutboxStore = ReturnType<typeof createOutboxStore>;

export function createOutboxStore(pool: Pool) {
  const run = async (text: string, values: unknown[]) => void (await pool.query(text, values));
  return {
    /** Takes events to send, for `leaseMs`: when that is over, another replica may take them. */
    claimUnsent: async (limit: number, leaseMs: number) =>
      (await pool.query<OutboxEvent>(CLAIM_UNSENT, [limit, SCAN_LIMIT, leaseMs])).rows,
    /** Gives back what could not be sent. */
    release: (ids: readonly string[]) =>
      run('update outbox set claimed_until = null where id = any($1::uuid[])', [ids]),
    /** The broker has it; the audit log is asked for it after `askAfterMs`. */
    markSent: (ids: readonly string[], askAfterMs: number) => run(MARK_SENT, [ids, askAfterMs]),
    remove: (ids: readonly string[]) => run('delete from outbox where id = any($1::uuid[])', [ids]),
    park: (ids: readonly string[], reason: string) => run(PARK, [ids, reason]),
    /**
     * Takes sent events that the audit log is to be asked for now; their next turn comes after these times. And
     * those that were held instead of sent, for as long as they were to be.
     */
    claimSent: async (limit: number, againAfterMs: number, parkedAgainAfterMs: number) =>
      (await pool.query<SentEvent>(CLAIM_SENT, [limit, againAfterMs, parkedAgainAfterMs])).rows,
    /** Keeps the log's answer as a witness, and removes the events. */
    settle: (events: readonly StoredEvent[]) =>
      transaction(pool, async (client) => {
        const ids = events.map(({ id }) => id);
        const chainSeqs = events.map(({ chainSeq }) => chainSeq);
        await client.query(ADD_WITNESS, [ids, chainSeqs, events.map(({ hash }) => hash)]);
        await client.query('delete from outbox where id = any($1::uuid[])', [ids]);
      }),
    resend: (ids: readonly string[]) =>
      run('update outbox set sent_at = null, confirm_at = null where id = any($1::uuid[])', [ids]),
    readState: async () => (await pool.query<OutboxState>(STATE)).rows[0] as OutboxState,
  };
}
