/** Sealed answers to requests that may be repeated. */
import type { Queryable } from '@hokusai/service-kit';
import type { KeyTransaction, SealedAnswer } from '../domain/ports.ts';

const LOCK = `select pg_try_advisory_xact_lock(hashtextextended($1 || encode($2, 'hex'), 0)) as locked`;

const FIND = `
  select fingerprint, sealed_response as sealed from idempotency
  where caller_key_id = $1 and key_hash = $2 and expires_at > clock_timestamp()`;

const REMEMBER = `
  insert into idempotency (caller_key_id, key_hash, fingerprint, sealed_response, expires_at)
  values ($1, $2, $3, $4, clock_timestamp() + $5 * interval '1 millisecond')
  on conflict (caller_key_id, key_hash) do update
    set fingerprint = excluded.fingerprint, sealed_response = excluded.sealed_response,
      answered_at = excluded.answered_at, expires_at = excluded.expires_at`;

const CLEAR = `
  delete from idempotency where (caller_key_id, key_hash) in (
    select caller_key_id, key_hash from idempotency where expires_at <= now()
    order by expires_at limit $1 for update skip locked)`;

/** So that who comes by clears away more than they leave. */
const CLEARED_IN_PASSING = 10;

/** Removes answers that are too old to be given, `limit` at most. */
export async function clearAnswers(database: Queryable, limit: number): Promise<void> {
  await database.query(CLEAR, [limit]);
}

/** On a connection inside a transaction. */
export function createAnswerStore(
  client: Queryable,
): Pick<KeyTransaction, 'lockRepetition' | 'findAnswer' | 'rememberAnswer'> {
  return {
    lockRepetition: async (callerKeyId, hash) => {
      const { rows } = await client.query<{ locked: boolean }>(LOCK, [callerKeyId, hash]);
      return rows[0]?.locked === true;
    },
    findAnswer: async (callerKeyId, hash) => {
      const { rows } = await client.query<{ fingerprint: Buffer; sealed: Buffer }>(FIND, [callerKeyId, hash]);
      return rows[0] ?? null;
    },
    rememberAnswer: async ({ callerKeyId, hash, fingerprint, sealed, ttlMs }: SealedAnswer) => {
      await client.query(REMEMBER, [callerKeyId, hash, fingerprint, sealed, ttlMs]);
      await clearAnswers(client, CLEARED_IN_PASSING);
    },
  };
}
