/** Counts of requests that named no known key. */
import type { AnonymousRefusal } from '@hokusai/contracts';
import type { Queryable } from '@hokusai/service-kit';
import type { BatchMessage } from '../domain/messages.ts';
import { believedMs, MINUTE_MS } from '../domain/times.ts';

export interface RefusalRow {
  incarnation: string;
  /** As the gateway says. A count is of its whole minute so far: this is what tells minutes apart. */
  reported_minute: Date;
  /** When that was, as far as the gateway's clock can be believed. */
  minute: Date;
  reason: string;
  client_ip: string;
  count: number;
}

/** Postgres knows no year 0. */
const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');

/** What a batch counts, in values that Postgres can hold. */
export function refusalRows(message: BatchMessage): RefusalRow[] {
  return message.batch.refusals.map((refusal) => rowOf(message, refusal));
}

/** The highest count of each minute, reason and address, in one order for all replicas. */
export function highestCounts(rows: Iterable<RefusalRow>): RefusalRow[] {
  const highest = new Map<string, RefusalRow>();
  for (const row of rows) {
    const key = JSON.stringify([row.reported_minute, row.reason, row.client_ip, row.incarnation]);
    if ((highest.get(key)?.count ?? 0) < row.count) highest.set(key, row);
  }
  return [...highest.keys()].toSorted().map((key) => highest.get(key) as RefusalRow);
}

function rowOf({ receivedAt, batch }: BatchMessage, refusal: AnonymousRefusal): RefusalRow {
  return {
    incarnation: batch.incarnation,
    reported_minute: minuteOf(Math.max(Date.parse(refusal.minute), FIRST_MS)),
    minute: minuteOf(believedMs(Date.parse(refusal.minute), receivedAt.getTime())),
    reason: storable(refusal.reason),
    client_ip: storable(refusal.client_ip),
    count: refusal.count,
  };
}

/** Postgres refuses NUL and broken surrogates in texts: one of them must not cost a whole batch. */
function storable(value: string): string {
  return value.toWellFormed().replaceAll('\0', '\uFFFD');
}

function minuteOf(timeMs: number): Date {
  return new Date(Math.floor(timeMs / MINUTE_MS) * MINUTE_MS);
}

/** What was counted first as of another minute, by a clock that was off, stays with that. */
export async function upsertRefusals(client: Queryable, rows: readonly RefusalRow[]): Promise<void> {
  if (rows.length === 0) return;
  await client.query(
    `insert into anonymous_refusals as known (reported_minute, minute, reason, client_ip, incarnation, count)
     select reported_minute, minute, reason, client_ip, incarnation, count
     from json_to_recordset($1) as refusal (
       reported_minute timestamptz, minute timestamptz, reason text, client_ip text, incarnation uuid, count bigint)
     on conflict (reported_minute, reason, client_ip, incarnation)
       do update set count = excluded.count where excluded.count > known.count`,
    [JSON.stringify(rows)],
  );
}
