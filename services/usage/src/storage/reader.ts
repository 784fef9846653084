/** Summaries and accounts, computed from the rows themselves. */
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import type { UsageSelection } from '../domain/access.ts';
import type { IncarnationAccount } from '../domain/integrity.ts';
import { type NumberSet, sizeOf } from '../domain/number-ranges.ts';
import type { UsageReader, UsageSummary } from '../domain/ports.ts';
import { parseMultirange } from './multirange.ts';

export function createUsageReader(pool: Pool): UsageReader {
  return {
    summary: (selection) => inSnapshot(pool, (client) => summary(client, selection)),
    incarnations: (period) => inSnapshot(pool, (client) => accounts(client, period)),
  };
}

/** Several statements that see the same state of the database. */
function inSnapshot<Result>(pool: Pool, work: (client: Queryable) => Promise<Result>): Promise<Result> {
  return transaction(pool, async (client) => {
    await client.query('set transaction isolation level repeatable read read only');
    return await work(client);
  });
}

interface TotalsRow {
  requests: string;
  errors: string;
  percentiles: [number, number, number] | null;
  bytes_in: string;
  bytes_out: string;
}

const SELECTED = `
  ($1::uuid is null or api_key_id = $1) and ($2::uuid is null or user_id = $2)
  and ($3::text is null or endpoint = $3)
  and timestamp >= coalesce($4::timestamptz, '-infinity') and timestamp < coalesce($5::timestamptz, 'infinity')`;

async function summary(client: Queryable, selection: UsageSelection): Promise<UsageSummary> {
  const { keyId, userId, endpoint, from, to } = selection;
  const parameters = [keyId, userId, endpoint, from, to];
  const totals = await client.query<TotalsRow>(
    `select count(*) as requests, count(*) filter (where status_code >= 500) as errors,
       percentile_disc(array[0.5, 0.9, 0.99]) within group (order by response_time_ms) as percentiles,
       coalesce(sum(bytes_in), 0) as bytes_in, coalesce(sum(bytes_out), 0) as bytes_out
     from api_key_usage where ${SELECTED}`,
    parameters,
  );
  const refusals = await client.query<{ reason: string; count: string }>(
    `select refusal as reason, count(*) as count from api_key_usage
     where refusal is not null and ${SELECTED} group by refusal`,
    parameters,
  );
  const anonymous = isOfEverybody(selection) ? await anonymousRefusals(client, selection) : [];
  const { requests, errors, percentiles, bytes_in, bytes_out } = totals.rows[0] as TotalsRow;
  const [p50, p90, p99] = percentiles ?? [0, 0, 0];
  return {
    requests,
    errors,
    refused: sumByReason([...refusals.rows, ...anonymous]),
    latencyMs: percentiles && { p50, p90, p99 },
    bytesIn: bytes_in,
    bytesOut: bytes_out,
  };
}

/** Refusals without a known key belong to no key, user or endpoint. */
function isOfEverybody({ keyId, userId, endpoint }: UsageSelection): boolean {
  return keyId === null && userId === null && endpoint === null;
}

async function anonymousRefusals(client: Queryable, { from, to }: UsageSelection) {
  const { rows } = await client.query<{ reason: string; count: string }>(
    `select reason, sum(count) as count from anonymous_refusals
     where minute >= coalesce($1::timestamptz, '-infinity') and minute < coalesce($2::timestamptz, 'infinity') group by reason`,
    [from, to],
  );
  return rows;
}

function sumByReason(counts: readonly { reason: string; count: string }[]): Record<string, string> {
  const sums = new Map<string, bigint>();
  for (const { reason, count } of counts) sums.set(reason, (sums.get(reason) ?? 0n) + BigInt(count));
  return Object.fromEntries([...sums].map(([reason, sum]) => [reason, sum.toString()]));
}

interface IncarnationRow {
  incarnation: string;
  gateway: string;
  opened_at: Date | null;
  closed_at: Date | null;
  last_heard_at: Date;
  assigned: string;
  dropped: string;
  received: string;
  stored: string;
}

async function accounts(
  client: Queryable,
  { from, to }: { from: Date | null; to: Date | null },
): Promise<IncarnationAccount[]> {
  const { rows } = await client.query<IncarnationRow>(
    `select incarnation, gateway, opened_at, closed_at, last_heard_at, assigned, dropped,
       coalesce(ranges, '{}')::text as received,
       (select count(*) from api_key_usage as u where u.incarnation = i.incarnation) as stored
     from gateway_incarnations as i left join ingested_ranges using (incarnation)
     where last_heard_at >= coalesce($1::timestamptz, '-infinity') and first_heard_at < coalesce($2::timestamptz, 'infinity')
     order by first_heard_at, incarnation`,
    [from, to],
  );
  const found: IncarnationAccount[] = [];
  for (const row of rows) found.push(await accountOf(client, row));
  return found;
}

async function accountOf(client: Queryable, row: IncarnationRow): Promise<IncarnationAccount> {
  const received = parseMultirange(row.received);
  const stored = Number(row.stored);
  return {
    incarnation: row.incarnation,
    gateway: row.gateway,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    lastHeardAt: row.last_heard_at,
    announcedAssigned: Number(row.assigned),
    dropped: Number(row.dropped),
    received,
    // Naming the numbers costs a sort: it is done where their count shows that something is wrong.
    storedNumbers: stored === sizeOf(received) ? received : await numbersOf(client, row.incarnation),
    stored,
  };
}

/** Numbers in a row differ from their rank by the same amount. */
async function numbersOf(client: Queryable, incarnation: string): Promise<NumberSet> {
  const { rows } = await client.query<{ first: string; last: string }>(
    `select min(sequence) as first, max(sequence) as last
     from (
       select sequence, sequence - row_number() over (order by sequence) as island
       from (select distinct sequence from api_key_usage where incarnation = $1) as numbers
     ) as ranked
     group by island order by 1`,
    [incarnation],
  );
  return rows.map(({ first, last }) => ({ from: Number(first), to: Number(last) }));
}
