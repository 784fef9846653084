/** What messages say of their incarnations, one row each. */
import type { UsageMessage } from '../domain/messages.ts';

export interface IncarnationRow {
  incarnation: string;
  gateway: string;
  opened_at: string | null;
  closed_at: string | null;
  first_heard_at: Date;
  last_heard_at: Date;
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
    const nothing = { opened_at: null, closed_at: null, assigned: 0, flushed: 0, dropped: 0 };
    return { incarnation: incarnation.toLowerCase(), gateway, ...nothing, ...heard };
  }
  const { incarnation, gateway, kind, at, assigned, flushed, dropped } = message.announcement;
  return {
    incarnation: incarnation.toLowerCase(),
    gateway,
    opened_at: kind === 'opened' ? at : null,
    closed_at: kind === 'closed' ? at : null,
    ...heard,
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
    assigned: Math.max(a.assigned, b.assigned),
    flushed: Math.max(a.flushed, b.flushed),
    dropped: Math.max(a.dropped, b.dropped),
  };
}
