/** Stores batches and announcements of gateways: rows and the numbers they have in one transaction. */
import type { UsageBatch } from '@hokusai/contracts';
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { selectNew, type UsageMessage } from '../domain/messages.ts';
import type { NumberSet } from '../domain/number-ranges.ts';
import type { IngestStore } from '../domain/ports.ts';
import { announcedRows } from './incarnation-rows.ts';
import { formatMultirange, parseMultirange } from './multirange.ts';
import type { Partitions } from './partitions.ts';
import { refusalRows, usageRows } from './usage-rows.ts';

export function createIngestStore(pool: Pool, partitions: Pick<Partitions, 'ensureFor'>): IngestStore {
  return {
    ingest: async (messages) => {
      const batches = messages.flatMap((message) => (message.kind === 'batch' ? [message.batch] : []));
      const times = batches.flatMap(({ requests }) => requests.map(({ timestamp }) => new Date(timestamp)));
      await partitions.ensureFor(times);
      await transaction(pool, (client) => store(client, messages, batches));
    },
  };
}

async function store(
  client: Queryable,
  messages: readonly UsageMessage[],
  batches: readonly UsageBatch[],
): Promise<void> {
  // The rows of the incarnations, locked in one order, keep replicas from storing the same numbers twice.
  await upsertIncarnations(client, messages);
  const incarnations = [...new Set(batches.map(({ incarnation }) => incarnation))];
  if (incarnations.length === 0) return;
  const selected = selectNew(batches, await storedNumbers(client, incarnations));
  await insertUsage(client, usageRows(selected.requests));
  await saveNumbers(client, selected.stored);
  await upsertRefusals(client, refusalRows(batches));
}

async function upsertIncarnations(client: Queryable, messages: readonly UsageMessage[]): Promise<void> {
  await client.query(
    `insert into gateway_incarnations as known
       (incarnation, gateway, opened_at, closed_at, first_heard_at, last_heard_at, assigned, flushed, dropped)
     select incarnation, gateway, opened_at, closed_at, first_heard_at, last_heard_at, assigned, flushed, dropped
     from json_to_recordset($1) as heard (
       incarnation uuid, gateway text, opened_at timestamptz, closed_at timestamptz,
       first_heard_at timestamptz, last_heard_at timestamptz, assigned bigint, flushed bigint, dropped bigint)
     order by incarnation
     on conflict (incarnation) do update set
       opened_at = coalesce(known.opened_at, excluded.opened_at),
       closed_at = coalesce(known.closed_at, excluded.closed_at),
       first_heard_at = least(known.first_heard_at, excluded.first_heard_at),
       last_heard_at = greatest(known.last_heard_at, excluded.last_heard_at),
       assigned = greatest(known.assigned, excluded.assigned),
       flushed = greatest(known.flushed, excluded.flushed),
       dropped = greatest(known.dropped, excluded.dropped)`,
    [JSON.stringify(announcedRows(messages))],
  );
}

async function storedNumbers(
  client: Queryable,
  incarnations: readonly string[],
): Promise<Map<string, NumberSet>> {
  await client.query(
    'insert into ingested_ranges (incarnation) select unnest($1::uuid[]) on conflict (incarnation) do nothing',
    [incarnations],
  );
  const { rows } = await client.query<{ incarnation: string; ranges: string }>(
    'select incarnation, ranges::text as ranges from ingested_ranges where incarnation = any($1)',
    [incarnations],
  );
  return new Map(rows.map(({ incarnation, ranges }) => [incarnation, parseMultirange(ranges)]));
}

async function saveNumbers(client: Queryable, stored: ReadonlyMap<string, NumberSet>): Promise<void> {
  await client.query(
    `update ingested_ranges set ranges = changed.ranges
     from unnest($1::uuid[], $2::int8multirange[]) as changed (incarnation, ranges)
     where ingested_ranges.incarnation = changed.incarnation and ingested_ranges.ranges <> changed.ranges`,
    [[...stored.keys()], [...stored.values()].map(formatMultirange)],
  );
}

async function insertUsage(client: Queryable, rows: ReturnType<typeof usageRows>): Promise<void> {
  if (rows.length === 0) return;
  const keys = [...new Set(rows.map(({ api_key_id }) => api_key_id))].toSorted();
  await client.query(
    'insert into keys_projection (id) select unnest($1::uuid[]) on conflict (id) do nothing',
    [keys],
  );
  await client.query(
    `insert into api_key_usage (
       id, timestamp, api_key_id, user_id, secret_prefix, upstream, endpoint, method, status_code, refusal,
       response_time_ms, first_byte_ms, bytes_in, bytes_out, client_ip, user_agent_family, request_id,
       trace_id, incarnation, sequence)
     select
       id, "timestamp", api_key_id, user_id, secret_prefix, upstream, endpoint, method, status_code, refusal,
       response_time_ms, first_byte_ms, bytes_in, bytes_out, client_ip, user_agent_family, request_id,
       trace_id, incarnation, sequence
     from json_to_recordset($1) as request (
       id uuid, "timestamp" timestamptz, api_key_id uuid, user_id uuid, secret_prefix text, upstream text,
       endpoint text, method text, status_code smallint, refusal text, response_time_ms double precision,
       first_byte_ms double precision, bytes_in bigint, bytes_out bigint, client_ip text,
       user_agent_family text, request_id text, trace_id text, incarnation uuid, sequence bigint)
     on conflict (id, timestamp) do nothing`,
    [JSON.stringify(rows)],
  );
}

async function upsertRefusals(client: Queryable, rows: ReturnType<typeof refusalRows>): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `insert into anonymous_refusals as known (minute, reason, client_ip, incarnation, count)
     select minute, reason, client_ip, incarnation, count
     from json_to_recordset($1) as refusal
       (minute timestamptz, reason text, client_ip text, incarnation uuid, count bigint)
     on conflict (minute, reason, client_ip, incarnation)
       do update set count = excluded.count where excluded.count > known.count`,
    [JSON.stringify(rows)],
  );
}
