/** Where a part of the log begins. */
import { type ChainHead, type Checkpoint, EMPTY_CHAIN } from '@hokusai/audit-chain';
import { HokusaiError } from '@hokusai/contracts';
import type { Queryable } from '@hokusai/service-kit';
import { readBase } from './checkpoints.ts';

export interface Beginning {
  /** Number of its first row; of the one after the last where it has none. */
  first: number;
  /** The row before the first; undefined: it is missing. */
  before: ChainHead | undefined;
  /** What stands for the rows that are not kept any more; undefined while all are. */
  base: Checkpoint | undefined;
}

/** `from`: the first row that is asked for; null: the first one that is kept. Throws `unprocessable` if it can't be there. */
export async function readBeginning(
  client: Queryable,
  from: number | null,
  head: ChainHead,
): Promise<Beginning> {
  const base = await readBase(client);
  const first = from ?? (base?.chainSeq ?? 0) + 1;
  if (first > head.chainSeq + 1)
    throw new HokusaiError('unprocessable', `The log ends with row ${head.chainSeq}, before row ${first}.`);
  if (base && first <= base.chainSeq)
    throw new HokusaiError('unprocessable', `The rows up to ${base.chainSeq} are not kept any more.`);
  return { first, before: await rowBefore(client, first, base), base };
}

async function rowBefore(
  client: Queryable,
  first: number,
  base: Checkpoint | undefined,
): Promise<ChainHead | undefined> {
  const chainSeq = first - 1;
  if (chainSeq === 0) return EMPTY_CHAIN;
  if (base?.chainSeq === chainSeq) return base;
  const { rows } = await client.query<{ hash: Buffer }>(
    'select hash from audit_events where chain_seq = $1',
    [chainSeq],
  );
  return rows[0] && { chainSeq, hash: rows[0].hash };
}
