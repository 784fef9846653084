/** Counts of requests that were served and would have been refused, were the gateway not observing only. */
import type { UsagePeriod } from '@hokusai/contracts/usage-periods';
import type { Queryable } from '@hokusai/service-kit';
import type { BatchMessage } from '../domain/messages.ts';
import type { ObservedClient } from '../domain/ports.ts';
import { countRow, type RefusalRow } from './refusals.ts';
import { storableText } from './storable.ts';

export interface ObservedRow extends RefusalRow {
  user_agent_family: string;
  key_prefix: string;
}

/** What a batch counts, in values that Postgres can hold. */
export function observedRows(message: BatchMessage): ObservedRow[] {
  return (message.batch.observed ?? []).map((observed) => ({
    ...countRow(message, observed),
    user_agent_family: storableText(observed.user_agent_family),
    key_prefix: storableText(observed.key_prefix),
  }));
}

export async function upsertObserved(client: Queryable, rows: readonly ObservedRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `insert into observed_refusals as known
       (reported_minute, minute, reason, client_ip, user_agent_family, key_prefix, incarnation, count)
     select reported_minute, minute, reason, client_ip, user_agent_family, key_prefix, incarnation, count
     from json_to_recordset($1) as observed (
       reported_minute timestamptz, minute timestamptz, reason text, client_ip text, user_agent_family text,
       key_prefix text, incarnation uuid, count bigint)
     on conflict (reported_minute, reason, client_ip, user_agent_family, key_prefix, incarnation)
       do update set count = excluded.count where excluded.count > known.count`,
    [JSON.stringify(rows)],
  );
}

interface ClientRow {
  reason: string;
  client_ip: string;
  user_agent_family: string;
  key_prefix: string;
  key_name: string | null;
  count: string;
  first_minute: Date;
  last_minute: Date;
}

/** Clients and reasons, most requests first. A minute counts that begins within the period. */
export async function observedClients(
  client: Queryable,
  { from, to }: UsagePeriod,
  limit: number,
): Promise<ObservedClient[]> {
  const { rows } = await client.query<ClientRow>(
    `select seen.*, key.name as key_name
     from (
       select reason, client_ip, user_agent_family, key_prefix, sum(count) as count,
         min(minute) as first_minute, max(minute) as last_minute
       from observed_refusals where minute >= $1 and minute < $2
       group by reason, client_ip, user_agent_family, key_prefix
       order by sum(count) desc, reason, client_ip, user_agent_family, key_prefix limit $3
     ) as seen
     left join keys_projection as key on key.key_prefix = nullif(seen.key_prefix, '')
     order by count desc, reason, client_ip, user_agent_family, seen.key_prefix`,
    [from, to, limit],
  );
  return rows.map((row) => ({
    reason: row.reason,
    clientIp: row.client_ip,
    userAgentFamily: row.user_agent_family,
    keyPrefix: row.key_prefix,
    keyName: row.key_name ?? '',
    requests: row.count,
    firstMinute: row.first_minute,
    lastMinute: row.last_minute,
  }));
}
