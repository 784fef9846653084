/** Exports of the log: any number of rows, of which one page is in memory at a time. */
import { type ChainHead, type Checkpoint, EMPTY_CHAIN } from '@hokusai/audit-chain';
import { HokusaiError, type Reader } from '@hokusai/contracts';
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import { type EventFilter, selectsAll } from '../domain/access.ts';
import type { RowRange } from '../domain/blocks.ts';
import type { ChainRow } from '../domain/chain.ts';
import type { ExportBeginning, ExportPart, ExportRequest, LogExport } from '../domain/ports.ts';
import { readBase, readCheckpoints, readSigners } from './checkpoints.ts';
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
  const { rows } = await client.query<{ log_id: string; chain_seq: string }>(
    'select log_id, chain_seq from audit_head',
  );
  const logId = rows[0]?.log_id ?? '';
  const head = Number(rows[0]?.chain_seq ?? 0);
  const base = await readBase(client);
  const first = from ?? (base?.chainSeq ?? 0) + 1;
  if (base && first <= base.chainSeq)
    throw new HokusaiError('unprocessable', `The rows up to ${base.chainSeq} are not kept any more.`);
  if (first > head + 1)
    throw new HokusaiError('unprocessable', `The log ends with row ${head}, before row ${first}.`);
  const last = Math.max(first - 1, Math.min(to ?? head, head));
  const { rows: newest } = await client.query<{ chain_seq: string | null }>(
    'select max(chain_seq) as chain_seq from audit_checkpoints where chain_seq <= $1',
    [last],
  );
  const before = await headBefore(client, first, base);
  const lastCheckpoint = Number(newest[0]?.chain_seq ?? 0);
  const signers = await readSigners(client);
  return { logId, first, last, previousHash: before.hash, base: base ?? null, signers, lastCheckpoint };
}

/** A row that is missing has no hash; zeros will be found to be wrong by whoever verifies. */
async function headBefore(
  client: Queryable,
  first: number,
  base: Checkpoint | undefined,
): Promise<Pick<ChainHead, 'hash'>> {
  if (base?.chainSeq === first - 1) return base;
  const { rows } = await client.query<{ hash: Buffer }>(
    'select hash from audit_events where chain_seq = $1',
    [first - 1],
  );
  return rows[0] ?? EMPTY_CHAIN;
}

/** Rows, and after each the checkpoint that covers it; of a selection only those of its rows. */
async function* partsOf(
  pool: Pool,
  extent: Extent,
  { reader, filter }: ExportRequest,
  signal: AbortSignal,
): AsyncGenerator<ExportPart> {
  const { first, last, isSelection } = extent;
  let proven = first - 1;
  for await (const rows of pagesOf(pool, extent, reader, filter, signal)) {
    const upTo = Math.min(rows.at(-1)?.chainSeq ?? last, extent.lastCheckpoint);
    const checkpoints = new CheckpointQueue(pool, proven, upTo);
    for (const row of rows) {
      if (!isSelection) yield* withCheckpoints(checkpoints.before(row.chainSeq));
      yield { row };
      if (isSelection) await checkpoints.skipBefore(row.chainSeq);
      yield* withCheckpoints(checkpoints.before(row.chainSeq + 1));
    }
    proven = Math.max(proven, rows.at(-1)?.chainSeq ?? last);
  }
  if (!isSelection)
    yield* withCheckpoints(new CheckpointQueue(pool, proven, extent.lastCheckpoint).before(last + 1));
  const base = await readBase(pool);
  if (base && base.chainSeq >= first)
    throw new HokusaiError('unavailable', 'Rows of it were removed meanwhile: export again.');
}

async function* withCheckpoints(checkpoints: AsyncIterable<Checkpoint>): AsyncGenerator<ExportPart> {
  for await (const checkpoint of checkpoints) yield { checkpoint };
}

async function* pagesOf(
  pool: Pool,
  { ranges, first, last }: Extent,
  reader: Reader,
  filter: EventFilter,
  signal: AbortSignal,
): AsyncGenerator<ChainRow[]> {
  for (const range of ranges) {
    const end = Math.min(range.last, last);
    for (let next = Math.max(range.first, first); next <= end; ) {
      signal.throwIfAborted();
      const walk = { range: { first: next, last: end }, oldestFirst: true, limit: PAGE_SIZE };
      const { text, values } = selectRows(reader, filter, walk);
      const { rows } = await pool.query<EventRecord>(text, values);
      if (rows.length > 0) yield rows.map(rowOf);
      if (rows.length < PAGE_SIZE) break;
      next = Number(rows.at(-1)?.chain_seq) + 1;
    }
  }
}

/** The checkpoints of some rows in their order, read in pages. */
class CheckpointQueue {
  readonly #pool: Pool;
  readonly #last: number;
  #waiting: Checkpoint[] = [];
  #after: number;

  constructor(pool: Pool, after: number, last: number) {
    this.#pool = pool;
    this.#after = after;
    this.#last = last;
  }

  /** Takes the next ones, up to before a row. */
  async *before(chainSeq: number): AsyncGenerator<Checkpoint> {
    for (let next = await this.#next(); next && next.chainSeq < chainSeq; next = await this.#next()) {
      this.#waiting.shift();
      yield next;
    }
  }

  async skipBefore(chainSeq: number): Promise<void> {
    for await (const _ of this.before(chainSeq));
  }

  async #next(): Promise<Checkpoint | undefined> {
    if (this.#waiting.length > 0 || this.#after >= this.#last) return this.#waiting[0];
    const range = { after: this.#after, last: this.#last, limit: PAGE_SIZE };
    this.#waiting = await readCheckpoints(this.#pool, range);
    this.#after =
      this.#waiting.length < PAGE_SIZE ? this.#last : (this.#waiting.at(-1)?.chainSeq ?? this.#last);
    return this.#waiting[0];
  }
}
