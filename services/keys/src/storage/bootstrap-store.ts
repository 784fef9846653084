/** What making an admin key on the keys host needs of the database. */
import { asUnavailable, type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import type { BootstrapStore } from '../domain/bootstrap-ports.ts';
import type { Limits } from '../domain/key.ts';
import { userTransaction } from './user-store.ts';

/** Any number will do, as long as all replicas of a database use the same. */
export const BOOTSTRAP_LOCK_ID = 7_235_712;

/** Ever, not now: revoking the last admin key must not make a new one by itself at the next start. */
const HAS_ADMIN_KEY = `select exists (select from api_keys where scopes @> array['admin']) as found`;

/** @param defaults for limits that a key leaves open */
export function createBootstrapStore(pool: Pool, defaults: Limits): BootstrapStore {
  const guard = asUnavailable('keys');
  return {
    hasAdminKey: () => hasAdminKey(pool).catch(guard),
    exclusively: (work) =>
      transaction(pool, async (client) => {
        await client.query('select pg_advisory_xact_lock($1)', [BOOTSTRAP_LOCK_ID]);
        return work({
          ...userTransaction(client, defaults),
          hasAdminKey: () => hasAdminKey(client),
          findActiveAdmin: (externalId) => findActiveAdmin(client, externalId),
          isExternalIdTaken: (externalId) => isExternalIdTaken(client, externalId),
        });
      }).catch(guard),
  };
}

async function hasAdminKey(database: Queryable): Promise<boolean> {
  const { rows } = await database.query<{ found: boolean }>(HAS_ADMIN_KEY);
  return rows[0]?.found === true;
}

async function findActiveAdmin(database: Queryable, externalId: string): Promise<string | null> {
  const { rows } = await database.query<{ id: string }>(
    `select id from users where external_id = $1 and role = 'admin' and disabled_at is null for no key update`,
    [externalId],
  );
  return rows[0]?.id ?? null;
}

async function isExternalIdTaken(database: Queryable, externalId: string): Promise<boolean> {
  const { rowCount } = await database.query('select from users where external_id = $1', [externalId]);
  return rowCount !== 0;
}
