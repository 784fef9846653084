/**
 * Events in the outbox that are held for a while, to count more of their kind. One that is held stands there as if
 * it were sent, though it never was (`attempts` = 0): the relay passes it over, and takes it up when its time has
 * come, whatever became of the process that wrote it.
 */
import type { Queryable } from '@hokusai/service-kit';
import type { KeyTransaction, OutboxEvent } from '../domain/ports.ts';

const HOLD = `
  insert into outbox (id, subject, payload, sent_at, confirm_at)
  values ($1, $2, $3::json, clock_timestamp(), clock_timestamp() + $4 * interval '1 millisecond')`;

// Whoever releases it meanwhile is waited for, and then nothing fits any more.
const COUNT = `
  update outbox set payload = jsonb_set(payload::jsonb, '{data}', jsonb_set(($2::jsonb)->'data', '{count}',
    to_jsonb((payload #>> '{data,count}')::bigint + 1)))::json
  where id = $1 and attempts = 0 and sent_at is not null`;

/** On a connection inside a transaction. */
export function createHeldEvents(client: Queryable): Pick<KeyTransaction, 'holdEvent' | 'countWithHeld'> {
  return {
    holdEvent: async ({ id, subject, payload }: OutboxEvent, holdMs) => {
      await client.query(HOLD, [id, subject, payload, holdMs]);
    },
    countWithHeld: async (heldId, { payload }) => {
      const { rowCount } = await client.query(COUNT, [heldId, payload]);
      return rowCount === 1;
    },
  };
}
