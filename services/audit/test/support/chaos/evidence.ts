/** What both databases hold when everything has come to rest. */
import type { Pool } from '@hokusai/service-kit';
import { DEFAULT_BURST } from './deployment.ts';
import { type EventFacts, type Recording, type Row, readRecording } from './recorder.ts';

export interface LogRow {
  chainSeq: number;
  eventId: string;
  source: string;
  /** Hexadecimal. */
  hash: string;
  body: EventFacts;
}

export interface Witness {
  eventId: string;
  chainSeq: number;
  /** Hexadecimal. */
  hash: string;
}

export interface RetiredSecret {
  keyId: string;
  keyPrefix: string;
  /** ISO 8601 */
  validUntil: string;
}

export interface Evidence {
  recording: Recording;
  /** By chain_seq. */
  log: LogRow[];
  witnesses: Witness[];
  keys: Row[];
  users: Row[];
  retiredSecrets: RetiredSecret[];
}

export async function readEvidence(keys: Pool, audit: Pool): Promise<Evidence> {
  const log = await audit.query<{
    chain_seq: string;
    event_id: string;
    source: string;
    hash: string;
    body: string;
  }>(
    `select chain_seq, event_id, source, encode(hash, 'hex') as hash, body from audit_events order by chain_seq`,
  );
  const witnesses = await keys.query<{ event_id: string; chain_seq: string; hash: string }>(
    `select event_id, chain_seq, encode(hash, 'hex') as hash from stored_events order by chain_seq`,
  );
  const retired = await keys.query<{ key_id: string; key_prefix: string; valid_until: Date }>(
    'select key_id, key_prefix, valid_until from retired_secrets',
  );
  return {
    recording: await readRecording(keys),
    log: log.rows.map(({ chain_seq, event_id, source, hash, body }) => ({
      ...{ chainSeq: Number(chain_seq), eventId: event_id, source, hash },
      body: JSON.parse(body) as EventFacts,
    })),
    witnesses: witnesses.rows.map(({ event_id, chain_seq, hash }) => ({
      ...{ eventId: event_id, chainSeq: Number(chain_seq), hash },
    })),
    keys: await rowsOf(keys, 'api_keys'),
    users: await rowsOf(keys, 'users'),
    retiredSecrets: retired.rows.map(({ key_id, key_prefix, valid_until }) => ({
      ...{ keyId: key_id, keyPrefix: key_prefix, validUntil: valid_until.toISOString() },
    })),
  };
}

async function rowsOf(pool: Pool, table: 'api_keys' | 'users'): Promise<Row[]> {
  const { rows } = await pool.query<{ row: Row }>(`select to_jsonb(t) as row from ${table} as t`);
  return rows.map(({ row }) => row);
}

/** What the log says of a key, by its row; and since when it is revoked. */
export function keyFacts(row: Row): Row {
  return {
    ...pick(row, [
      'key_prefix',
      'user_id',
      'created_by_key_id',
      'name',
      'environment',
      'scopes',
      'is_active',
    ]),
    rate_limit_per_hour: row['rate_limit_per_hour'],
    burst_limit: row['burst_limit'] ?? DEFAULT_BURST.limit,
    burst_window_seconds: row['burst_window_seconds'] ?? DEFAULT_BURST.windowSeconds,
    allowed_ips: row['allowed_ips'] ?? [],
    expires_at: instant(row['expires_at']),
    revoked_at: instant(row['revoked_at']),
  };
}

/** What the log tells of a user, by its row. */
export function userFacts(row: Row): Row {
  return {
    ...pick(row, ['role', 'rate_limit_per_hour', 'display_name', 'email', 'external_id']),
    disabled: row['disabled_at'] !== null,
  };
}

const PERSONAL = new Set(['display_name', 'email', 'external_id']);

/** Facts of a user as the log shows them: of what is personal only that there is something. */
export function withoutPersonal(facts: Row): Row {
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [
      name,
      PERSONAL.has(name) && typeof value === 'string' ? '[personal]' : value,
    ]),
  );
}

function pick(row: Row, names: readonly string[]): Row {
  return Object.fromEntries(names.map((name) => [name, row[name]]));
}

function instant(value: unknown): string | null {
  return typeof value === 'string' ? new Date(value).toISOString() : null;
}
