/** Finds the ranges of rows in which a period can lie. */
import type { Pool } from '@hokusai/service-kit';
import {
  BLOCK_ROWS,
  type BlockTimes,
  blockOf,
  type Period,
  type RowRange,
  rangesIn,
} from '../domain/blocks.ts';

export interface PeriodFinder {
  /** In rising order; holds every row of the period up to `head`, the log's last row. */
  ranges(period: Period, head: number): Promise<RowRange[]>;
}

/** Rows that are not changed any more have times that are not either: these are read once. */
const BLOCKS_PER_QUERY = 10_000;

export function createPeriodFinder(pool: Pool): PeriodFinder {
  const settled: BlockTimes[] = [];
  return {
    ranges: async (period, head) => {
      if (!period.from && !period.to) return [{ first: 0, last: Number.MAX_SAFE_INTEGER }];
      // The block of the head may grow while it is looked at.
      const growing = blockOf(head + 1);
      while (settled.length < growing) {
        const first = settled.length;
        const last = Math.min(growing, first + BLOCKS_PER_QUERY) - 1;
        const times = await readBlocks(pool, first, last);
        // Another question may have been faster.
        if (settled.length === first) settled.push(...times);
      }
      const newest = await readBlocks(pool, growing, growing);
      return rangesIn(period, [...settled.slice(0, growing), ...newest]);
    },
  };
}

/** By two looks into `audit_events_blocks_idx` for each. */
async function readBlocks(pool: Pool, first: number, last: number): Promise<BlockTimes[]> {
  const edge = (order: 'asc' | 'desc') =>
    `(select occurred_at from audit_events where chain_seq / ${BLOCK_ROWS} = block
      order by occurred_at ${order} limit 1)`;
  const { rows } = await pool.query<{ least: Date | null; greatest: Date | null }>(
    `select ${edge('asc')} as least, ${edge('desc')} as greatest
     from generate_series($1::bigint, $2::bigint) as block order by block`,
    [first, last],
  );
  return rows.map(({ least, greatest }) =>
    least && greatest ? { least: least.getTime(), greatest: greatest.getTime() } : undefined,
  );
}
