/** Exports of the log: any number of rows, of which one page is in memory at a time. */
import { type ChainRow, type Checkpoint, EMPTY_CHAIN, OrderedCursor } from '@hokusai/audit-chain';
import { HokusaiError, type Reader } from '@hokusai/contracts';
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { type EventFilter, selectsAll } from '../domain/access.ts';
import { clipped, type RowRange } from '../domain/blocks.ts';
import type { ExportBeginning, ExportPart, ExportRequest, LogExport } from '../domain/ports.ts';
import { readBeginning } from './beginning.ts';
import { allCheckpoints, readBase, readSigners } from './checkpoints.ts';
import { readHead } from './head.ts';
import type { PeriodFinder } from './periods.ts';
import { type EventRecord, rowOf } from './rows.ts';
import { selectRows } from './selection.ts';

const PAGE_SIZE = 500;

/** What of the log an export is of; nothing of it changes later, since rows are only appended. */
interface Extent extends ExportBeginning {
  ranges: RowRange[];
  /** The last row that a checkpoint covers: its signers are among those that were read. */
  lastCheckpoint: number;
}

export async function openExport(
  pool: Pool,
  periods: PeriodFinder,
  request: ExportRequest,
  signal: AbortSignal,
): Promise<LogExport> {
  const { reader, filter } = request;
  const extent = await transaction(pool, async (client) => {
    await client.query('set transaction isolation level repeatable read read only');
    return await readExtent(client, request);
  });
  const ranges = await periods.ranges(filter, extent.last);
  const isSelection = !reader.isAdmin || !selectsAll(filter);
  const begun = { ...extent, isSelection, ranges };
  return { ...begun, parts: () => partsOf(pool, begun, request, signal) };
}

async function readExtent(client: Queryable, { from, to }: ExportRequest) {
  const { logId, ...head } = await readHead(client);
  const { first, before, base } = await readBeginning(client, from, head);
  const last = Math.max(first - 1, Math.min(to ?? head.chainSeq, head.chainSeq));
  const { rows: newest } = await client.query<{ chain_seq: string | null }>(
    'select max(chain_seq) as chain_seq from audit_checkpoints where chain_seq <= $1',
    [last],
  );
  const lastCheckpoint = Number(newest[0]?.chain_seq ?? 0);
  const signers = await readSigners(client);
  // A row that is missing has no hash; zeros will be found to be wrong by whoever verifies.
  const previousHash = (before ?? EMPTY_CHAIN).hash;
  return { logId, first, last, previousHash, base: base ?? null, signers, lastCheckpoint };
}

/** Rows, and after each the checkpoint that covers it; of a selection only those of its rows. */
async function* partsOf(
  pool: Pool,
  extent: Extent,
  { reader, filter }: ExportRequest,
  signal: AbortSignal,
): AsyncGenerator<ExportPart> {
  const { first, last, isSelection, lastCheckpoint } = extent;
  const unread = allCheckpoints(pool, { after: first - 1, last: lastCheckpoint });
  const checkpoints = await OrderedCursor.from(unread, first);
  for await (const rows of pagesOf(pool, extent, reader, filter, signal))
    for (const row of rows) {
      if (isSelection) await checkpoints.skipBefore(row.chainSeq);
      else yield* dueAt(checkpoints, row.chainSeq - 1);
      yield { row };
      yield* dueAt(checkpoints, row.chainSeq);
    }
  if (!isSelection) yield* dueAt(checkpoints, last);
  const base = await readBase(pool);
  if (base && base.chainSeq >= first)
    throw new HokusaiError('unavailable', 'Rows of it were removed meanwhile: export again.');
}

/** Takes those of rows up to `last` away from the cursor. */
async function* dueAt(checkpoints: OrderedCursor<Checkpoint>, last: number): AsyncGenerator<ExportPart> {
  for (let checkpoint = checkpoints.dueAt(last); checkpoint; checkpoint = checkpoints.dueAt(last)) {
    await checkpoints.advance();
    yield { checkpoint };
  }
}

async function* pagesOf(
  pool: Pool,
  { ranges, first, last }: Extent,
  reader: Reader,
  filter: EventFilter,
  signal: AbortSignal,
): AsyncGenerator<ChainRow[]> {
  for (const range of clipped(ranges, { first, last })) {
    for (let next = range.first; next <= range.last; ) {
      signal.throwIfAborted();
      const walk = { range: { first: next, last: range.last }, oldestFirst: true, limit: PAGE_SIZE };
      const { text, values } = selectRows(reader, filter, walk);
      const { rows } = await pool.query<EventRecord>(text, values);
      if (rows.length > 0) yield rows.map(rowOf);
      if (rows.length < PAGE_SIZE) break;
      next = Number(rows.at(-1)?.chain_seq) + 1;
    }
  }
}
