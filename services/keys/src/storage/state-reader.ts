/** What gateways ask: one statement each, so that the answer and its read point share a snapshot. */

import { isUuid } from '@hokusai/contracts/identifiers';
import { asUnavailable, type Queryable } from '@hokusai/service-kit';
import type { Limits } from '../domain/key.ts';
import type { StateAnswer, StateReader } from '../domain/ports.ts';
import type { StoredSecret } from '../domain/secret.ts';
import { READ_POINT_COLUMNS, type ReadPointRow, toReadPoint } from './read-point.ts';
import { type KeyRow, OWNER_COLUMNS, type OwnerRow, STATE_COLUMNS, toOwnedKey } from './rows.ts';

// Named statements are planned once per connection.
const READ_STATE = {
  name: 'read-key-state',
  text: `
    select ${READ_POINT_COLUMNS}, ${STATE_COLUMNS}, ${OWNER_COLUMNS}
    from (select) here left join (api_keys k join users u on u.id = k.user_id) on k.id = $1`,
};

const READ_SECRET = {
  name: 'read-secret',
  text: `
    select ${READ_POINT_COLUMNS}, ${STATE_COLUMNS}, ${OWNER_COLUMNS},
      s.key_prefix as secret_prefix, s.key_hash, s.key_digest, s.pepper_id, s.retired_at, s.valid_until
    from (select) here
    left join (
      (select id as key_id, key_prefix, key_hash, key_digest, pepper_id,
              null::timestamptz as retired_at, null::timestamptz as valid_until
         from api_keys where key_prefix = $1
       union all
       select key_id, key_prefix, key_hash, key_digest, pepper_id, retired_at, valid_until
         from retired_secrets where key_prefix = $1
       limit 1) s
      join api_keys k on k.id = s.key_id
      join users u on u.id = k.user_id) on true`,
};

interface SecretColumns {
  secret_prefix: string;
  key_hash: string;
  key_digest: Buffer | null;
  pepper_id: string | null;
  retired_at: Date | null;
  valid_until: Date | null;
}

/** All but the read point is null where nothing was found. */
type Found = KeyRow & OwnerRow;
type Row<Columns> = ReadPointRow & (Columns | { id: null });

/** @param defaults for limits that a key leaves open */
export function createStateReader(database: Queryable, defaults: Limits): StateReader {
  const guard = asUnavailable('keys');

  async function query<Columns extends Found>(
    statement: { name: string; text: string },
    value: string | null,
  ) {
    const { rows } = await database.query<Row<Columns>>({ ...statement, values: [value] }).catch(guard);
    const row = rows[0] as Row<Columns>;
    return { read: toReadPoint(row), row: row.id === null ? null : (row as Columns) };
  }

  const answerOf = ({ read, row }: { read: StateAnswer['read']; row: Found | null }): StateAnswer => ({
    read,
    found: row === null ? null : toOwnedKey(row, defaults),
  });

  return {
    readState: async (keyId) => answerOf(await query<Found>(READ_STATE, isUuid(keyId) ? keyId : null)),
    readSecret: async (keyPrefix) => {
      const answer = await query<Found & SecretColumns>(READ_SECRET, keyPrefix);
      return { ...answerOf(answer), secret: answer.row === null ? null : toStoredSecret(answer.row) };
    },
  };
}

function toStoredSecret(row: KeyRow & SecretColumns): StoredSecret {
  const isComplete = row.key_digest !== null && row.pepper_id !== null;
  return {
    keyId: row.id,
    keyPrefix: row.secret_prefix,
    hash: row.key_hash,
    digest: isComplete ? { digest: row.key_digest as Buffer, pepperId: row.pepper_id as string } : null,
    retiredAt: row.retired_at,
    validUntil: row.valid_until,
  };
}
