/** The sweep's SQL. The database's clock says what is due. */
import { asUnavailable, type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { KEY_CHANGES_CHANNEL } from '../domain/channels.ts';
import type { ExpiryStore, ExpiryTransaction } from '../domain/expiry-ports.ts';
import type { Limits } from '../domain/key.ts';
import { NEXT_VERSION, notify } from './change-log.ts';
import { keyTransaction } from './key-store.ts';

/** Any number will do, as long as all replicas of a database use the same. */
export const SWEEP_LOCK_ID = 7_235_713;

/** now(), since an index can't be asked for what the ticking clock says. */
const TAKE_DUE = `
  select id from api_keys where expiry_due_at <= now()
  order by expiry_due_at limit $1
  for no key update skip locked`;

const DEACTIVATE = `
  with expired as (
    update api_keys set is_active = false, version = ${NEXT_VERSION}
    where id = any($1::uuid[])
    returning id, version)
  insert into key_changes (key_id, version) select id, version from expired`;

const SCHEDULE = `
  update api_keys set expiry_due_at = step.due_at
  from unnest($1::uuid[], $2::timestamptz[]) as step (key_id, due_at)
  where id = step.key_id`;

const PURGE = `
  delete from retired_secrets where key_prefix = any(array(
    select key_prefix from retired_secrets where valid_until <= now() - $1 * interval '1 millisecond'
    order by valid_until limit $2
    for update skip locked))`;

/** @param defaults for limits that a key leaves open */
export function createExpiryStore(pool: Pool, defaults: Limits): ExpiryStore {
  const guard = asUnavailable('keys');
  return {
    ifAlone: (work) =>
      transaction(pool, async (client) =>
        (await isAlone(client)) ? work(expiryTransaction(client, defaults)) : null,
      ).catch(guard),
    purgeRetiredSecrets: async (endedMs, limit) =>
      (await pool.query(PURGE, [endedMs, limit]).catch(guard)).rowCount ?? 0,
  };
}

/** Until the end of the transaction, also if the replica is killed. */
async function isAlone(client: Queryable): Promise<boolean> {
  const text = 'select pg_try_advisory_xact_lock($1) as locked';
  const { rows } = await client.query<{ locked: boolean }>(text, [SWEEP_LOCK_ID]);
  return rows[0]?.locked === true;
}

function expiryTransaction(client: Queryable, defaults: Limits): ExpiryTransaction {
  const { readKeys, addEvents } = keyTransaction(client, defaults);
  return {
    readKeys,
    addEvents,
    takeDue: async (limit) => {
      const { rows } = await client.query<{ id: string }>(TAKE_DUE, [limit]);
      return rows.map(({ id }) => id);
    },
    deactivateKeys: async (ids) => {
      await client.query(DEACTIVATE, [ids]);
      await notify(client, KEY_CHANGES_CHANNEL);
    },
    scheduleSteps: async (steps) => {
      await client.query(SCHEDULE, [steps.map(({ keyId }) => keyId), steps.map(({ dueAt }) => dueAt)]);
    },
  };
}
