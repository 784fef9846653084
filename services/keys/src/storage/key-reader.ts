/** Keys and owners as management reads them. */

import { isUuid } from '@hokusai/contracts/identifiers';
import type { Queryable } from '@hokusai/service-kit';
import type { Ownership } from '../domain/create-key.ts';
import type { Key, Limits } from '../domain/key.ts';
import type { ListQuery } from '../domain/listing.ts';
import type { KeyReader, ReadKeys } from '../domain/ports.ts';
import { listStatement } from './list-statement.ts';
import { standbyError } from './read-point.ts';
import {
  KEY_COLUMNS,
  type KeyRow,
  OWNER_COLUMNS,
  type OwnerRow,
  toKey,
  toOwnedKey,
  toOwner,
} from './rows.ts';

// The clock rather than now(): a transaction may have waited for a lock since it began.
const READ_KEYS = `
  select t.now, t.is_standby, ${KEY_COLUMNS}, ${OWNER_COLUMNS}
  from (select clock_timestamp() as now, pg_is_in_recovery() as is_standby) t
  left join (api_keys k join users u on u.id = k.user_id) on k.id = any($1::uuid[])`;

const READ_OWNERSHIP = `
  select u.id as user_id, ${OWNER_COLUMNS},
    (select count(*)::integer from (
      select from api_keys k
      where u.role = 'member' and k.user_id = u.id and k.is_active
        and (k.expires_at is null or k.expires_at > clock_timestamp())
      limit $2) working) as working_keys
  from users u where u.id = $1`;

interface HeadRow {
  now: Date;
  is_standby: boolean;
}
type Nullable<Row> = { [Name in keyof Row]: Row[Name] | null };

/** @param defaults for limits that a key leaves open */
export function createKeyReader(database: Queryable, defaults: Limits): KeyReader {
  async function readKeys(ids: readonly string[]): Promise<ReadKeys> {
    const { rows } = await database.query<HeadRow & Nullable<KeyRow & OwnerRow>>(READ_KEYS, [
      ids.filter(isUuid),
    ]);
    if (rows[0]?.is_standby !== false) throw standbyError();
    const found = rows.filter((row): row is HeadRow & KeyRow & OwnerRow => row.id !== null);
    const keys = new Map(found.map((row) => [row.id, toOwnedKey(row, defaults)]));
    return { now: rows[0].now, get: (id) => keys.get(id.toLowerCase()) ?? null };
  }

  async function readOwnership(userId: string, countLimit: number): Promise<Ownership | null> {
    if (!isUuid(userId)) return null;
    const { rows } = await database.query<OwnerRow & { working_keys: number }>(READ_OWNERSHIP, [
      userId,
      countLimit,
    ]);
    const row = rows[0];
    return row === undefined ? null : { owner: toOwner(row), workingKeys: row.working_keys };
  }

  return { readKeys, readOwnership };
}

/** At most one key more than the limit, newest first. */
export async function listKeys(database: Queryable, query: ListQuery, defaults: Limits): Promise<Key[]> {
  const { rows } = await database.query<KeyRow>(listStatement(query));
  return rows.map((row) => toKey(row, defaults));
}
