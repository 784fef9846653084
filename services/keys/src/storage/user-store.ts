/** Users, and what a change of one means for their keys. */
import { HokusaiError } from '@hokusai/contracts/errors';
import { isUuid } from '@hokusai/contracts/identifiers';
import { asUnavailable, type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { KEY_CHANGES_CHANNEL } from '../domain/channels.ts';
import type { Limits } from '../domain/key.ts';
import type { NewUser, User, UserSettings } from '../domain/user.ts';
import type { UserStore, UserTransaction } from '../domain/user-ports.ts';
import { NEXT_VERSION, notify } from './change-log.ts';
import { createKeyReader } from './key-reader.ts';
import { keyTransaction } from './key-store.ts';
import { persistently } from './persistently.ts';
import { userListStatement } from './user-list-statement.ts';
import { toUser, USER_COLUMNS, type UserRow } from './user-rows.ts';

const READ_USER = `select ${USER_COLUMNS} from users u where u.id = $1`;

const INSERT_USER = `
  insert into users as u (id, external_id, email, display_name, role, rate_limit_per_hour)
  values ($1, $2, $3, $4, $5, $6) returning ${USER_COLUMNS}`;

// Who is disabled already stays so since then.
const UPDATE_USER = `
  update users u set email = $2, display_name = $3, role = $4, rate_limit_per_hour = $5,
    disabled_at = case when $6 then coalesce(disabled_at, clock_timestamp()) end
  where id = $1 returning ${USER_COLUMNS}`;

// In the order of ids, as everyone locks keys. In statements of their own, after the user was locked: so they
// see also keys whose creation was waited for then. Expired keys, of which there may be any number, are refused
// whoever owns them, and rise to a new version when they are made to work again.
const LOCK_KEYS = `
  select from api_keys where user_id = $1 and is_active order by id for no key update`;

const BUMP_KEYS = `
  with bumped as (
    update api_keys set version = ${NEXT_VERSION} where user_id = $1 and is_active
    returning id, version)
  insert into key_changes (key_id, version) select id, version from bumped`;

/** @param defaults for limits that a key leaves open */
export function createUserStore(pool: Pool, defaults: Limits): UserStore {
  const guard = asUnavailable('keys');
  const reader = createKeyReader(pool, defaults);
  return {
    readKeys: (ids) => reader.readKeys(ids).catch(guard),
    readOwnership: (userId, countLimit) => reader.readOwnership(userId, countLimit).catch(guard),
    readUser: (id) => readUser(pool, id).catch(guard),
    listUsers: async (query) => {
      const { rows } = await pool.query<UserRow>(userListStatement(query)).catch(guard);
      return rows.map(toUser);
    },
    transaction: (work) =>
      persistently(() => transaction(pool, (client) => work(userTransaction(client, defaults)))).catch(guard),
  };
}

/** On a connection inside a transaction. */
export function userTransaction(client: Queryable, defaults: Limits): UserTransaction {
  return {
    ...keyTransaction(client, defaults),
    readUser: (id) => readUser(client, id),
    insertUser: (user) => insertUser(client, user),
    updateUser: (id, settings) => updateUser(client, id, settings),
  };
}

async function readUser(database: Queryable, id: string): Promise<User | null> {
  if (!isUuid(id)) return null;
  const { rows } = await database.query<UserRow>(READ_USER, [id]);
  return rows[0] === undefined ? null : toUser(rows[0]);
}

async function insertUser(client: Queryable, user: NewUser): Promise<User> {
  const { id, externalId, email, displayName, role, rateLimitPerHour } = user;
  const values = [id, externalId, email, displayName, role, rateLimitPerHour];
  const { rows } = await client
    .query<UserRow>(INSERT_USER, values)
    .catch((error: { code?: unknown; constraint?: unknown }) => {
      if (error.code !== '23505' || error.constraint !== 'users_external_id_key') throw error;
      throw new HokusaiError('conflict', 'Another user has this external_id: look for them in the list.', {
        reason: 'external_id_taken',
      });
    });
  return toUser(rows[0] as UserRow);
}

async function updateUser(client: Queryable, id: string, settings: UserSettings): Promise<User> {
  const { email, displayName, role, rateLimitPerHour, isDisabled } = settings;
  const values = [id, email, displayName, role, rateLimitPerHour, isDisabled];
  const { rows } = await client.query<UserRow>(UPDATE_USER, values);
  const { rowCount } = await client.query(LOCK_KEYS, [id]);
  if (rowCount !== 0) {
    await client.query(BUMP_KEYS, [id]);
    await notify(client, KEY_CHANGES_CHANNEL);
  }
  return toUser(rows[0] as UserRow);
}
