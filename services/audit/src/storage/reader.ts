/** Queries of the log. */
import type { ChainRow } from '@hokusai/audit-chain';
import type { Reader } from '@hokusai/contracts';
import type { Pool } from '@hokusai/service-kit';
import type { EventFilter } from '../domain/access.ts';
import { clipped, type RowRange } from '../domain/blocks.ts';
import type { AuditReader, EventPage, PageRequest } from '../domain/ports.ts';
import { listCheckpoints } from './checkpoints.ts';
import { openExport } from './exporter.ts';
import { readHead } from './head.ts';
import { createPeriodFinder, type PeriodFinder } from './periods.ts';
import { type EventRecord, ROW_COLUMNS, rowOf } from './rows.ts';
import { parameters, selectRows, visibleTo } from './selection.ts';

export function createAuditReader(pool: Pool): AuditReader {
  const periods = createPeriodFinder(pool);
  return {
    stored: async (eventIds) => {
      const { rows } = await pool.query<{ event_id: string; chain_seq: string; hash: Buffer }>(
        'select event_id, chain_seq, hash from audit_events where event_id = any($1)',
        [eventIds],
      );
      return rows.map(({ event_id, chain_seq, hash }) => ({ eventId: event_id, chainSeq: chain_seq, hash }));
    },
    export: (request, signal) => openExport(pool, periods, request, signal),
    checkpoints: ({ cursor, size }) => listCheckpoints(pool, cursor, size),
    list: (reader, filter, page) => list(pool, periods, reader, filter, page),
    find: async (reader, eventId) => {
      const { values, parameter } = parameters();
      const { rows } = await pool.query<EventRecord>(
        `select ${ROW_COLUMNS} from audit_events as e
         where event_id = ${parameter(eventId)} and ${visibleTo(reader, parameter)}`,
        values,
      );
      return rows[0] && rowOf(rows[0]);
    },
  };
}

async function list(
  pool: Pool,
  periods: PeriodFinder,
  reader: Reader,
  filter: EventFilter,
  { cursor, size, oldestFirst }: PageRequest,
): Promise<EventPage> {
  // Read first: all rows up to it are seen by whatever is asked from now on.
  const { chainSeq: head } = await readHead(pool);
  const wanted = rangeAfter(cursor, oldestFirst);
  const ranges = clipped(await periods.ranges(filter, head), wanted);
  const rows: ChainRow[] = [];
  for (const range of oldestFirst ? ranges : ranges.toReversed()) {
    const walk = { range, oldestFirst, limit: size + 1 - rows.length };
    const { text, values } = selectRows(reader, filter, walk);
    const found = await pool.query<EventRecord>(text, values);
    rows.push(...found.rows.map(rowOf));
    if (rows.length > size) break;
  }
  return { rows: rows.slice(0, size), hasMore: rows.length > size, head };
}

/** The rows that come after the one of the cursor, in the order asked for. */
function rangeAfter(cursor: number | null, oldestFirst: boolean): RowRange {
  if (oldestFirst) return { first: (cursor ?? 0) + 1, last: Number.MAX_SAFE_INTEGER };
  return { first: 0, last: (cursor ?? Number.MAX_SAFE_INTEGER) - 1 };
}
