/** Changes of one key that its transaction has locked, each with its row for the followers. */
import { HokusaiError } from '@hokusai/contracts/errors';
import type { Queryable } from '@hokusai/service-kit';
import { KEY_CHANGES_CHANNEL } from '../domain/channels.ts';
import type { KeyTransaction, NewSecret } from '../domain/ports.ts';
import type { KeySettings } from '../domain/update-key.ts';
import { NEXT_VERSION, notify } from './change-log.ts';

const LOG_CHANGE = 'insert into key_changes (key_id, version) select id, version from changed';

// All parts of the statement see the row as it was before. What was noted as the key's last use is the
// current secret's, unless it is older than that secret; whoever reads it rather believes an old secret in
// use than out of use.
const ROTATE_KEY = `
  with retired as (
    insert into retired_secrets (key_id, key_prefix, key_hash, key_digest, pepper_id, retired_at, valid_until,
      last_used_at, last_used_ip)
    select id, key_prefix, key_hash, key_digest, pepper_id, $6, $7,
      case when is_its_own then last_used_at end, case when is_its_own then last_used_ip end
    from (select *, rotated_at is null or last_used_at >= rotated_at as is_its_own from api_keys where id = $1) k
  ), changed as (
    update api_keys set key_prefix = $2, key_hash = $3, key_digest = $4, pepper_id = $5, rotated_at = $6,
      version = ${NEXT_VERSION}
    where id = $1 returning id, version)
  ${LOG_CHANGE}`;

const END_RETIRED_SECRET = `
  with ended as (
    update retired_secrets set valid_until = greatest($3, retired_at)
    where key_id = $1 and key_prefix = $2 and valid_until > $3 returning key_id
  ), changed as (
    update api_keys set version = ${NEXT_VERSION} where id in (select key_id from ended) returning id, version)
  ${LOG_CHANGE}`;

/** On a connection inside a transaction. */
export function createKeyChanges(
  client: Queryable,
): Pick<KeyTransaction, 'updateKey' | 'rotateKey' | 'endRetiredSecret'> {
  const change = async (text: string, values: unknown[]) => {
    await client.query(text, values).catch(throwPrefixTaken);
    await notify(client, KEY_CHANGES_CHANNEL);
  };
  return {
    updateKey: (id, changes) => {
      const columns = Object.entries(columnsOf(changes)).filter(([, value]) => value !== undefined);
      const assignments = columns.map(([name], index) => `${name} = $${index + 2}, `).join('');
      const text = `
        with changed as (
          update api_keys set ${assignments}version = ${NEXT_VERSION} where id = $1 returning id, version)
        ${LOG_CHANGE}`;
      return change(text, [id, ...columns.map(([, value]) => value)]);
    },
    rotateKey: (id, secret, { retiredAt, validUntil }) =>
      change(ROTATE_KEY, [id, ...secretColumns(secret), retiredAt, validUntil]),
    endRetiredSecret: (id, keyPrefix, at) => change(END_RETIRED_SECRET, [id, keyPrefix, at]),
  };
}

/** Throws `conflict` for a secret whose prefix another one has, and whatever else it is given. */
export function throwPrefixTaken(error: { code?: unknown; constraint?: unknown }): never {
  if (error.code !== '23505' || error.constraint !== 'api_keys_key_prefix_key') throw error;
  throw new HokusaiError('conflict', 'Another key has this prefix.', { reason: 'prefix_taken' });
}

/** In the order prefix, hash, digest, pepper. */
export function secretColumns({ keyPrefix, hash, digest, pepperId }: NewSecret): unknown[] {
  return [keyPrefix, hash, digest, pepperId];
}

/** As `allowed_ips` has it: null for anywhere. */
export function addressColumn(allowedIps: readonly string[]): string | null {
  return allowedIps.length > 0 ? JSON.stringify(allowedIps) : null;
}

/** undefined: left as it is. */
function columnsOf({
  name,
  scopes,
  expiresAt,
  limits,
  allowedIps,
  metadata,
  isActive,
}: Partial<KeySettings>) {
  return {
    ...{ name, scopes, expires_at: expiresAt, is_active: isActive },
    rate_limit_per_hour: limits?.ratePerHour,
    burst_limit: limits?.burst,
    burst_window_seconds: limits?.burstWindowSeconds,
    allowed_ips: allowedIps && addressColumn(allowedIps),
    metadata: metadata && JSON.stringify(metadata),
  };
}
