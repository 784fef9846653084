/** Rows of `api_keys` and `users`, and what they mean. */
import type {
  Environment,
  JsonObject,
  Key,
  Limits,
  OwnedKey,
  Owner,
  RetiredSecret,
  Role,
} from '../domain/key.ts';

/** Of the retired secrets that work no more, so many are shown. */
const SHOWN_RETIRED = 20;

const IN_GRACE = 'select key_prefix from retired_secrets where key_id = k.id and valid_until > now()';
const NEWEST = `
  (select key_prefix from retired_secrets where key_id = k.id order by retired_at desc limit ${SHOWN_RETIRED})`;

/** Select list for a key `k` with the retired secrets that `prefixes` selects, newest first. */
const keyColumns = (prefixes: string) => `k.id, k.key_prefix, k.user_id,
  (select display_name from users where id = k.user_id) as user_display_name, k.created_by_key_id, k.name,
  k.environment, k.scopes, k.created_at, k.rotated_at, k.expires_at,
  k.last_used_at, host(k.last_used_ip) as last_used_ip, k.is_active, k.revoked_at, k.revoked_reason,
  k.rate_limit_per_hour, k.burst_limit, k.burst_window_seconds, k.allowed_ips, k.metadata, k.version,
  (select json_agg(json_build_object(
      'key_prefix', r.key_prefix, 'retired_at', r.retired_at, 'valid_until', r.valid_until,
      'last_used_at', r.last_used_at, 'last_used_ip', host(r.last_used_ip)) order by r.retired_at desc)
    from retired_secrets r where r.key_prefix in (${prefixes})) as retired_secrets`;

/** For whoever decides on a request: a key may have been rotated thousands of times, and this is read often. */
export const STATE_COLUMNS = keyColumns(IN_GRACE);

/** For people. */
export const KEY_COLUMNS = keyColumns(`${IN_GRACE} union ${NEWEST}`);

/** Select list for the owner `u`. */
export const OWNER_COLUMNS = `u.display_name as owner_name, u.role as owner_role,
  u.disabled_at as owner_disabled_at, u.rate_limit_per_hour as owner_rate_limit_per_hour`;

export interface KeyRow {
  id: string;
  key_prefix: string;
  user_id: string;
  user_display_name: string;
  created_by_key_id: string | null;
  name: string;
  environment: Environment;
  scopes: string[];
  created_at: Date;
  rotated_at: Date | null;
  expires_at: Date | null;
  last_used_at: Date | null;
  last_used_ip: string | null;
  is_active: boolean;
  revoked_at: Date | null;
  revoked_reason: string | null;
  rate_limit_per_hour: number;
  burst_limit: number | null;
  burst_window_seconds: number | null;
  allowed_ips: string[] | null;
  metadata: JsonObject;
  /** bigint: a string in JavaScript. */
  version: string;
  retired_secrets: RetiredRow[] | null;
}

/** From JSON: times are texts. */
interface RetiredRow {
  key_prefix: string;
  retired_at: string;
  valid_until: string;
  last_used_at: string | null;
  last_used_ip: string | null;
}

export interface OwnerRow {
  user_id: string;
  owner_name: string;
  owner_role: Role;
  owner_disabled_at: Date | null;
  owner_rate_limit_per_hour: number | null;
}

/** @param defaults for what the row leaves open */
export function toOwnedKey(row: KeyRow & OwnerRow, defaults: Limits): OwnedKey {
  return { key: toKey(row, defaults), owner: toOwner(row) };
}

/** @param defaults for what the row leaves open */
export function toKey(row: KeyRow, defaults: Limits): Key {
  return {
    id: row.id,
    keyPrefix: row.key_prefix,
    userId: row.user_id,
    userDisplayName: row.user_display_name,
    createdByKeyId: row.created_by_key_id,
    name: row.name,
    environment: row.environment,
    scopes: row.scopes,
    createdAt: row.created_at,
    rotatedAt: row.rotated_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    lastUsedIp: row.last_used_ip,
    isActive: row.is_active,
    revokedAt: row.revoked_at,
    revokedReason: row.revoked_reason,
    limits: {
      ratePerHour: row.rate_limit_per_hour,
      burst: row.burst_limit ?? defaults.burst,
      burstWindowSeconds: row.burst_window_seconds ?? defaults.burstWindowSeconds,
    },
    allowedIps: row.allowed_ips ?? [],
    metadata: row.metadata,
    version: BigInt(row.version),
    retiredSecrets: (row.retired_secrets ?? []).map(toRetiredSecret),
  };
}

export function toOwner(row: OwnerRow): Owner {
  return {
    userId: row.user_id,
    displayName: row.owner_name,
    role: row.owner_role,
    disabledAt: row.owner_disabled_at,
    rateLimitPerHour: row.owner_rate_limit_per_hour,
  };
}

function toRetiredSecret(row: RetiredRow): RetiredSecret {
  return {
    keyPrefix: row.key_prefix,
    retiredAt: new Date(row.retired_at),
    validUntil: new Date(row.valid_until),
    lastUsedAt: row.last_used_at === null ? null : new Date(row.last_used_at),
    lastUsedIp: row.last_used_ip,
  };
}
