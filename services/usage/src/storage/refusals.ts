/** Counts of requests that named no known key. */
import type { AnonymousRefusal } from '@hokusai/contracts';
import type { Queryable } from '@hokusai/service-kit';
import type { BatchMessage } from '../domain/messages.ts';
import { believedMs, MINUTE_MS } from '../domain/times.ts';
import { storableMs, storableText } from './storable.ts';

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

/** More than a gateway can refuse in a minute; what claims to be more counts as so much, so that sums stay sane. */
const MAX_COUNT = 1_000_000_000;

/** What a batch counts, in values that Postgres can hold. */
export function refusalRows(message: BatchMessage): RefusalRow[] {
  return message.batch.refusals.map((refusal) => countRow(message, refusal));
}

/** The highest count of each minute and of what was counted, in one order for all replicas. */
export function highestCounts<Row extends RefusalRow>(rows: Iterable<Row>): Row[] {
  const highest = new Map<string, Row>();
  for (const row of rows) {
    // The time that it is believed to be is of the message, not of what was counted.
    const { count, minute: _, ...counted } = row;
    const key = JSON.stringify(Object.entries(counted).toSorted());
    if ((highest.get(key)?.count ?? 0) < count) highest.set(key, row);
  }
  return [...highest.keys()].toSorted().map((key) => highest.get(key) as Row);
}

/** A count of a batch, in values that Postgres can hold. */
export function countRow({ receivedAt, batch }: BatchMessage, refusal: AnonymousRefusal): RefusalRow {
  return {
    incarnation: batch.incarnation,
    reported_minute: minuteOf(storableMs(Date.parse(refusal.minute))),
    minute: minuteOf(believedMs(Date.parse(refusal.minute), receivedAt.getTime())),
    reason: storableText(refusal.reason),
    client_ip: storableText(refusal.client_ip),
    count: Math.min(refusal.count, MAX_COUNT),
  };
}

function minuteOf(timeMs: number): Date {
  return new Date(Math.floor(timeMs / MINUTE_MS) * MINUTE_MS);
}

/**
 * Returns the minutes whose counts have changed. What was counted first as of another minute, by a clock that was off,
 * stays with that.
 */
export async function upsertRefusals(client: Queryable, rows: readonly RefusalRow[]): Promise<Date[]> {
  if (rows.length === 0) return [];
  const changed = await client.query<{ minute: Date }>(
    `insert into anonymous_refusals as known (reported_minute, minute, reason, client_ip, incarnation, count)
     select reported_minute, minute, reason, client_ip, incarnation, count
     from json_to_recordset($1) as refusal (
       reported_minute timestamptz, minute timestamptz, reason text, client_ip text, incarnation uuid, count bigint)
     on conflict (reported_minute, reason, client_ip, incarnation)
       do update set count = excluded.count where excluded.count > known.count
     returning minute`,
    [JSON.stringify(rows)],
  );
  return changed.rows.map(({ minute }) => minute);
}
