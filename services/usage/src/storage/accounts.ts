/** Accounts of gateway processes: what arrived of them, and what is stored and rolled up. */

import { cover } from '../domain/cover.ts';
import type { IncarnationAccount } from '../domain/integrity.ts';
import { type NumberSet, sizeOf } from '../domain/number-ranges.ts';
import { DAY_MS, MAX_AHEAD_MS, MAX_BEHIND_MS } from '../domain/times.ts';
import { parseMultirange } from './multirange.ts';
import type { Snapshot } from './snapshot.ts';
import { type CountRow, countsOf } from './usage-query.ts';

interface IncarnationRow {
  incarnation: string;
  gateway: string;
  opened_at: Date | null;
  closed_at: Date | null;
  first_heard_at: Date;
  last_heard_at: Date;
  assigned: string;
  dropped: string;
  due: string;
  received: string;
  corrections: string;
}

export async function accounts(
  snapshot: Snapshot,
  { from, to }: { from: Date | null; to: Date | null },
): Promise<IncarnationAccount[]> {
  const { rows } = await snapshot.client.query<IncarnationRow>(
    `select incarnation, gateway, opened_at, closed_at, first_heard_at, last_heard_at, assigned, dropped, due,
       coalesce(ranges, '{}')::text as received, coalesce(clock_corrections, 0) as corrections
     from gateway_incarnations left join ingested_ranges using (incarnation)
     where last_heard_at >= coalesce($1::timestamptz, '-infinity') and first_heard_at < coalesce($2::timestamptz, 'infinity')
     order by first_heard_at, incarnation`,
    [from, to],
  );
  const counts = await countsByIncarnation(snapshot, rows);
  const found: IncarnationAccount[] = [];
  for (const row of rows) found.push(await accountOf(snapshot, row, counts.get(row.incarnation)));
  return found;
}

interface Counts {
  stored: number;
  rolledUp: number;
}

/** From the rollups, and of what those don't hold yet from the requests. */
async function countsByIncarnation(
  { client, state }: Snapshot,
  rows: readonly IncarnationRow[],
): Promise<Map<string, Counts>> {
  if (rows.length === 0) return new Map();
  const { from, to } = timesOf(rows);
  const { text, values } = countsOf(
    {
      family: 'incarnation',
      by: ['incarnation'],
      pieces: cover({ from, to }, [], state),
      where: { incarnation: rows.map(({ incarnation }) => incarnation) },
    },
    null,
  );
  const counts = await client.query<CountRow>(text, values);
  return new Map(
    counts.rows.map(({ value, requests, rolled_up }) => [
      value,
      { stored: Number(requests), rolledUp: Number(rolled_up) },
    ]),
  );
}

/** Whole days around all that gateways may have stored, who were heard of at these times. */
function timesOf(rows: readonly Pick<IncarnationRow, 'first_heard_at' | 'last_heard_at'>[]) {
  const firstMs = Math.min(...rows.map(({ first_heard_at }) => first_heard_at.getTime()));
  const lastMs = Math.max(...rows.map(({ last_heard_at }) => last_heard_at.getTime()));
  return {
    from: new Date(Math.floor((firstMs - MAX_BEHIND_MS) / DAY_MS) * DAY_MS),
    to: new Date(Math.floor((lastMs + MAX_AHEAD_MS) / DAY_MS + 1) * DAY_MS),
  };
}

async function accountOf(
  snapshot: Snapshot,
  row: IncarnationRow,
  { stored, rolledUp }: Counts = { stored: 0, rolledUp: 0 },
): Promise<IncarnationAccount> {
  const received = parseMultirange(row.received);
  return {
    incarnation: row.incarnation,
    gateway: row.gateway,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    lastHeardAt: row.last_heard_at,
    announcedAssigned: Number(row.assigned),
    dropped: Number(row.dropped),
    due: Number(row.due),
    received,
    storedNumbers: stored === sizeOf(received) ? received : await numbersOf(snapshot, row, received),
    stored,
    rolledUp,
    clockCorrected: Number(row.corrections),
  };
}

/**
 * Naming the numbers costs a look at all requests of that time: it is done where their count shows that something is
 * wrong, and not where some of the time's requests are dropped by now. Numbers in a row differ from their rank by the
 * same amount.
 */
async function numbersOf(
  { client, state }: Snapshot,
  row: IncarnationRow,
  received: NumberSet,
): Promise<NumberSet> {
  const { from, to } = timesOf([row]);
  if ((row.opened_at ?? row.first_heard_at).getTime() < state.floors.raw) return received;
  const { rows } = await client.query<{ first: string; last: string }>(
    `select min(sequence) as first, max(sequence) as last
     from (
       select sequence, sequence - row_number() over (order by sequence) as island
       from (
         select distinct sequence from api_key_usage
         where incarnation = $1 and timestamp >= $2 and timestamp < $3
       ) as numbers
     ) as ranked
     group by island order by 1`,
    [row.incarnation, from, to],
  );
  return rows.map(({ first, last }) => ({ from: Number(first), to: Number(last) }));
}
