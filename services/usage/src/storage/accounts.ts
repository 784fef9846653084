/** Accounts of gateway processes: what arrived of them, and what is stored and rolled up. */
import type { UsagePeriod } from '@hokusai/contracts/usage-periods';
import { cover, NO_FLOORS } from '../domain/cover.ts';
import { type FindingsCount, type IncarnationAccount, SILENCE_LIMIT_MS } from '../domain/integrity.ts';
import { type NumberRange, type NumberSet, sizeOf } from '../domain/number-ranges.ts';
import type { IntegrityAnswer, IntegrityQuery } from '../domain/ports.ts';
import { believedMs, DAY_MS, MAX_AHEAD_MS, MAX_BEHIND_MS } from '../domain/times.ts';
import { parseMultirange } from './multirange.ts';
import { parametersOf } from './pieces.ts';
import type { Snapshot } from './snapshot.ts';
import { type CountRow, countsOf, type Statement } from './usage-query.ts';

/** First and last word of some incarnations, by the broker's clock. */
interface Lifetime {
  first_heard_at: Date;
  last_heard_at: Date;
}

interface IncarnationRow extends Lifetime {
  incarnation: string;
  gateway: string;
  opened_at: Date | null;
  closed_at: Date | null;
  announced_at: Date | null;
  assigned: string;
  dropped: string;
  due: string;
  received: string;
  corrections: string;
}

export async function integrity(snapshot: Snapshot, query: IntegrityQuery): Promise<IntegrityAnswer> {
  const { rows } = await snapshot.client.query<Lifetime & { at: Date; is_nobody: boolean }>(
    `select now() as at, min(first_heard_at) as first_heard_at, max(last_heard_at) as last_heard_at,
       count(*) = 0 as is_nobody
     from gateway_incarnations where ${heardOf('$1', '$2')}`,
    [query.from, query.to],
  );
  const [heard] = rows as [(typeof rows)[number]];
  if (heard.is_nobody) return { at: heard.at, accounts: [], found: [] };
  const found = await findings(snapshot, query, heard);
  return { at: heard.at, accounts: await accounts(snapshot, query), found };
}

/** Condition: something was heard of an incarnation within the period, whose edges stand under these parameters. */
function heardOf(from: string, to: string): string {
  return `last_heard_at >= ${from} and first_heard_at < ${to}`;
}

/** Of all incarnations of the period, what they are judged by: the same as of a single account. */
async function findings(
  snapshot: Snapshot,
  { from, to }: UsagePeriod,
  heard: Lifetime,
): Promise<FindingsCount[]> {
  const { text, values } = storedOf(snapshot, heard, {});
  const parameter = parametersOf(values);
  const { rows } = await snapshot.client.query<Omit<FindingsCount, 'count'> & { count: string }>(
    `with stored as (${text}), heard as (
       select incarnation, closed_at, announced_at, dropped, due, coalesce(ranges, '{}') as ranges,
         greatest(assigned, upper(ranges) - 1) as assigned
       from gateway_incarnations left join ingested_ranges using (incarnation)
       where ${heardOf(parameter(from), parameter(to))}
     )
     select closed_at is not null as "isClosed",
       coalesce(announced_at < now() - interval '${SILENCE_LIMIT_MS} milliseconds', true) as "isSilent",
       received <> coalesce(stored.requests, 0) as "isLost",
       received < assigned as "isMissing",
       dropped > 0 or first_missing <= due as "isOverdue",
       count(*) as count
     from heard left join stored on stored.value = heard.incarnation::text
     cross join lateral (
       select coalesce(sum(upper(run) - lower(run)), 0) as received,
         coalesce(max(upper(run)) filter (where lower(run) = 1), 1) as first_missing
       from unnest(ranges) as run
     ) as numbers
     group by 1, 2, 3, 4, 5`,
    values,
  );
  return rows.map(({ count, ...each }) => ({ ...each, count: Number(count) }));
}

async function accounts(
  snapshot: Snapshot,
  { from, to, after, limit }: IntegrityQuery,
): Promise<IncarnationAccount[]> {
  const { rows } = await snapshot.client.query<IncarnationRow>(
    `select incarnation, gateway, opened_at, closed_at, first_heard_at, last_heard_at, announced_at, assigned, dropped,
       due, coalesce(ranges, '{}')::text as received, coalesce(clock_corrections, 0) as corrections
     from gateway_incarnations left join ingested_ranges using (incarnation)
     where ${heardOf('$1', '$2')} and ($3::uuid is null or (first_heard_at, incarnation) > ($4, $3))
     order by first_heard_at, incarnation limit $5`,
    [from, to, after?.incarnation ?? null, after?.firstHeardAt ?? null, limit],
  );
  const counts = await countsByIncarnation(snapshot, rows);
  const found = rows.map((row) => accountOf(row, counts.get(row.incarnation)));
  const named = await namedNumbers(
    snapshot,
    rows.filter((_, index) => found[index]?.stored !== sizeOf(found[index]?.received ?? [])),
  );
  return found.map((one) => ({ ...one, storedNumbers: named.get(one.incarnation) ?? one.received }));
}

interface Counts {
  stored: number;
  rolledUp: number;
}

async function countsByIncarnation(
  snapshot: Snapshot,
  rows: readonly IncarnationRow[],
): Promise<Map<string, Counts>> {
  if (rows.length === 0) return new Map();
  const where = { incarnation: rows.map(({ incarnation }) => incarnation) };
  const { text, values } = storedOf(snapshot, lifetimeOf(rows), where);
  const counts = await snapshot.client.query<CountRow>(text, values);
  return new Map(
    counts.rows.map(({ value, requests, rolled_up }) => [
      value,
      { stored: Number(requests), rolledUp: Number(rolled_up) },
    ]),
  );
}

/**
 * From the rollups, and of what those don't hold yet from the requests. Per day the sums of processes are kept for good:
 * what arrived is counted for good as well.
 */
function storedOf(
  { state }: Snapshot,
  heard: Lifetime,
  where: Readonly<Record<string, readonly string[]>>,
): Statement {
  const pieces = cover(timesOf(heard), [], { ...state, floors: NO_FLOORS });
  return countsOf({ family: 'incarnation', by: ['incarnation'], pieces, where }, null);
}

function lifetimeOf(rows: readonly Lifetime[]): Lifetime {
  return {
    first_heard_at: new Date(Math.min(...rows.map(({ first_heard_at }) => first_heard_at.getTime()))),
    last_heard_at: new Date(Math.max(...rows.map(({ last_heard_at }) => last_heard_at.getTime()))),
  };
}

/** Whole days around all that gateways may have stored, who were heard of at these times. */
function timesOf({ first_heard_at, last_heard_at }: Lifetime): UsagePeriod {
  return {
    from: new Date(Math.floor((first_heard_at.getTime() - MAX_BEHIND_MS) / DAY_MS) * DAY_MS),
    to: new Date(Math.floor((last_heard_at.getTime() + MAX_AHEAD_MS) / DAY_MS + 1) * DAY_MS),
  };
}

function accountOf(
  row: IncarnationRow,
  { stored, rolledUp }: Counts = { stored: 0, rolledUp: 0 },
): IncarnationAccount {
  const received = parseMultirange(row.received);
  return {
    incarnation: row.incarnation,
    gateway: row.gateway,
    openedAt: row.opened_at,
    closedAt: row.closed_at,
    firstHeardAt: row.first_heard_at,
    announcedAt: row.announced_at,
    announcedAssigned: Number(row.assigned),
    dropped: Number(row.dropped),
    due: Number(row.due),
    received,
    storedNumbers: received,
    stored,
    rolledUp,
    clockCorrected: Number(row.corrections),
  };
}

/**
 * Naming the numbers that are stored costs a look at all requests of that time: it is done where their count shows that
 * something is wrong, and not where some of the time's requests are dropped by now. Numbers in a row differ from their
 * rank by the same amount.
 */
async function namedNumbers(
  { client, state }: Snapshot,
  rows: readonly IncarnationRow[],
): Promise<Map<string, NumberSet>> {
  const whole = rows.filter((row) => openedMsOf(row) >= state.floors.raw);
  const named = new Map<string, NumberRange[]>(whole.map(({ incarnation }) => [incarnation, []]));
  if (whole.length === 0) return named;
  const { from, to } = timesOf(lifetimeOf(whole));
  const found = await client.query<{ incarnation: string; first: string; last: string }>(
    `select incarnation, min(sequence) as first, max(sequence) as last
     from (
       select incarnation, sequence,
         sequence - row_number() over (partition by incarnation order by sequence) as island
       from (
         select distinct incarnation, sequence from api_key_usage
         where incarnation = any($1) and timestamp >= $2 and timestamp < $3
       ) as numbers
     ) as ranked
     group by incarnation, island order by 1, 2`,
    [[...named.keys()], from, to],
  );
  for (const { incarnation, first, last } of found.rows)
    named.get(incarnation)?.push({ from: Number(first), to: Number(last) });
  return named;
}

/** By its own clock, as far as that can be believed. */
function openedMsOf({ opened_at, first_heard_at }: IncarnationRow): number {
  return believedMs(opened_at?.getTime() ?? Number.NaN, first_heard_at.getTime());
}
