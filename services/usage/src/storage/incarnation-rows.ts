/** What messages say of their incarnations, one row each. */
import type { UsageMessage } from '../domain/messages.ts';
import { storableMs, storableText } from './storable.ts';

export interface IncarnationRow {
  incarnation: string;
  gateway: string;
  opened_at: Date | null;
  closed_at: Date | null;
  first_heard_at: Date;
  last_heard_at: Date;
  announced_at: Date | null;
  assigned: number;
  flushed: number;
  dropped: number;
}

/** One row per incarnation, with the most that any of the rows says. */
export function mergedRows(rows: Iterable<IncarnationRow>): IncarnationRow[] {
  const merged = new Map<string, IncarnationRow>();
  for (const row of rows) {
    const known = merged.get(row.incarnation);
    merged.set(row.incarnation, known ? merge(known, row) : row);
  }
  return [...merged.values()];
}

export function incarnationRow(message: UsageMessage): IncarnationRow {
  const heard = { first_heard_at: message.receivedAt, last_heard_at: message.receivedAt };
  if (message.kind === 'batch') {
    const { incarnation, gateway } = message.batch;
    const times = { opened_at: null, closed_at: null, announced_at: null };
    const counts = { assigned: 0, flushed: 0, dropped: 0 };
    return {
      incarnation: incarnation.toLowerCase(),
      gateway: storableText(gateway),
      ...times,
      ...counts,
      ...heard,
    };
  }
  const { incarnation, gateway, kind, at, assigned, flushed, dropped } = message.announcement;
  const saidAt = new Date(storableMs(Date.parse(at)));
  return {
    incarnation: incarnation.toLowerCase(),
    gateway: storableText(gateway),
    opened_at: kind === 'opened' || kind === 'left' ? saidAt : null,
    closed_at: kind === 'closed' ? saidAt : null,
    ...heard,
    // Batches, too, may come from another process.
    announced_at: kind === 'left' ? null : message.receivedAt,
    assigned,
    flushed,
    dropped,
  };
}

function merge(a: IncarnationRow, b: IncarnationRow): IncarnationRow {
  return {
    incarnation: a.incarnation,
    gateway: a.gateway,
    opened_at: a.opened_at ?? b.opened_at,
    closed_at: a.closed_at ?? b.closed_at,
    first_heard_at: new Date(Math.min(a.first_heard_at.getTime(), b.first_heard_at.getTime())),
    last_heard_at: new Date(Math.max(a.last_heard_at.getTime(), b.last_heard_at.getTime())),
    announced_at: later(a.announced_at, b.announced_at),
    assigned: Math.max(a.assigned, b.assigned),
    flushed: Math.max(a.flushed, b.flushed),
    dropped: Math.max(a.dropped, b.dropped),
  };
}

function later(a: Date | null, b: Date | null): Date | null {
  if (a === null || b === null) return a ?? b;
  return a > b ? a : b;
}
