/** Changes of keys, each with its row for the followers and its events, in one transaction. */
import { isUuid } from '@hokusai/contracts/identifiers';
import { asUnavailable, type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { KEY_CHANGES_CHANNEL, OUTBOX_CHANNEL } from '../domain/channels.ts';
import type { NewKey } from '../domain/create-key.ts';
import type { Limits } from '../domain/key.ts';
import type { KeyStore, KeyTransaction, NewSecret, OutboxEvent } from '../domain/ports.ts';
import { createAnswerStore } from './answer-store.ts';
import { CLOCK_VERSION, lastChange, NEXT_VERSION, notify } from './change-log.ts';
import { createHeldEvents } from './held-events.ts';
import { addressColumn, createKeyChanges, secretColumns, throwPrefixTaken } from './key-changes.ts';
import { createKeyReader, listKeys } from './key-reader.ts';
import { persistently } from './persistently.ts';

const INSERT_KEY = `
  with created as (
    insert into api_keys (id, key_prefix, key_hash, key_digest, pepper_id, user_id, created_by_key_id, name,
      environment, scopes, expires_at, rate_limit_per_hour, burst_limit, burst_window_seconds, allowed_ips,
      metadata, version)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, ${CLOCK_VERSION})
    returning id, version)
  insert into key_changes (key_id, version) select id, version from created`;

const DESCENDANTS = `
  with recursive descendants as (
    select id from api_keys where created_by_key_id = any($1::uuid[])
    union
    select k.id from api_keys k join descendants d on k.created_by_key_id = d.id)
  select id from descendants`;

const LOCK_ACTIVE_KEYS = `
  select id, user_id as "userId" from api_keys where id = any($1::uuid[]) and is_active order by id for update`;

const REVOKE_KEYS = `
  with revoked as (
    update api_keys set is_active = false, revoked_at = clock_timestamp(), revoked_reason = $2,
      version = ${NEXT_VERSION}
    where id = any($1::uuid[]) and revoked_at is null
    returning id, version)
  insert into key_changes (key_id, version) select id, version from revoked returning key_id`;

const ADD_EVENTS = `
  insert into outbox (id, subject, payload)
  select event.id, event.subject, event.payload::json
  from unnest($1::uuid[], $2::text[], $3::text[]) as event (id, subject, payload)`;

/** @param defaults for limits that a key leaves open */
export function createKeyStore(pool: Pool, defaults: Limits): KeyStore {
  const reader = createKeyReader(pool, defaults);
  const guard = asUnavailable('keys');
  return {
    readKeys: (ids) => reader.readKeys(ids).catch(guard),
    readOwnership: (userId, countLimit) => reader.readOwnership(userId, countLimit).catch(guard),
    listKeys: (query) => listKeys(pool, query, defaults).catch(guard),
    transaction: (work) =>
      persistently(() => transaction(pool, (client) => work(keyTransaction(client, defaults)))).catch(guard),
  };
}

/** On a connection inside a transaction. */
export function keyTransaction(client: Queryable, defaults: Limits): KeyTransaction {
  const idsOf = async (text: string, ids: readonly string[]) =>
    (await client.query<{ id: string }>(text, [ids])).rows.map(({ id }) => id);
  return {
    ...createKeyReader(client, defaults),
    lockUsers: async (ids) => {
      const known = ids.filter(isUuid);
      await idsOf('select id from users where id = any($1::uuid[]) order by id for no key update', known);
    },
    shareKey: async (id) => {
      await client.query('select from api_keys where id = $1 for share', [id]);
    },
    lockKey: async (id) => {
      await client.query('select from api_keys where id = $1 for update', [id]);
    },
    descendantsOf: (id) => idsOf(DESCENDANTS, [id]),
    lockActiveKeys: async (ids) => (await client.query(LOCK_ACTIVE_KEYS, [ids])).rows,
    insertKey: (id, key, secret) => insertKey(client, id, key, secret),
    ...createKeyChanges(client),
    revokeKeys: async (ids, reason) => {
      const { rows } = await client.query<{ key_id: string }>(REVOKE_KEYS, [ids, reason]);
      if (rows.length > 0) await notify(client, KEY_CHANGES_CHANNEL);
      return rows.map(({ key_id }) => key_id);
    },
    lastChange: (ids) => lastChange(client, ids),
    addEvents: (events) => addEvents(client, events),
    ...createHeldEvents(client),
    ...createAnswerStore(client),
  };
}

async function insertKey(client: Queryable, id: string, key: NewKey, secret: NewSecret): Promise<void> {
  const values = [
    ...[id, ...secretColumns(secret)],
    ...[key.userId, key.createdByKeyId, key.name, key.environment, key.scopes, key.expiresAt],
    ...[key.limits.ratePerHour, key.limits.burst, key.limits.burstWindowSeconds],
    addressColumn(key.allowedIps),
    JSON.stringify(key.metadata),
  ];
  await client.query(INSERT_KEY, values).catch(throwPrefixTaken);
  await notify(client, KEY_CHANGES_CHANNEL);
}

async function addEvents(client: Queryable, events: readonly OutboxEvent[]): Promise<void> {
  const columns = [
    events.map(({ id }) => id),
    events.map(({ subject }) => subject),
    events.map(({ payload }) => payload),
  ];
  await client.query(ADD_EVENTS, columns);
  await notify(client, OUTBOX_CHANNEL);
}
