/** Walks the chain in the database, page by page, as it stands at one moment. */
import { type ChainFault, type ChainHead, ChainVerifier, EMPTY_CHAIN } from '@hokusai/audit-chain';
import { HokusaiError } from '@hokusai/contracts';
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import type { Verification, VerificationResult } from '../domain/ports.ts';
import { type EventRecord, ROW_COLUMNS, rowOf } from './rows.ts';

const PAGE_SIZE = 1000;

export function createVerification(pool: Pool): Verification {
  return {
    verify: (range, signal) =>
      transaction(pool, async (client) => {
        await client.query('set transaction isolation level repeatable read read only');
        return await verify(client, range, signal);
      }),
  };
}

async function verify(
  client: Queryable,
  { from, to }: { from: number | null; to: number | null },
  signal: AbortSignal,
): Promise<VerificationResult> {
  const head = await currentHead(client);
  const first = from ?? 1;
  if (first > head.chainSeq + 1)
    throw new HokusaiError('unprocessable', `The log ends with row ${head.chainSeq}, before row ${first}.`);
  const start = first === 1 ? EMPTY_CHAIN : await headAt(client, first - 1);
  if (!start)
    return {
      rowsVerified: 0,
      fault: { chainSeq: first - 1, problem: 'The row is missing.', proof: 'chain' },
    };
  const verifier = new ChainVerifier(start);
  const fault = await walk(client, verifier, to, signal);
  // Where the range ends before the log does, the head says nothing about it.
  const isWithin = to !== null && verifier.last.chainSeq === to;
  return { rowsVerified: verifier.rowsVerified, fault: fault ?? (isWithin ? undefined : verifier.end(head)) };
}

async function walk(
  client: Queryable,
  verifier: ChainVerifier,
  last: number | null,
  signal: AbortSignal,
): Promise<ChainFault | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const page = await rowsFrom(client, verifier.last.chainSeq + 1, last);
    for (const row of page) {
      const fault = verifier.next(row);
      if (fault) return fault;
    }
    if (page.length < PAGE_SIZE) return undefined;
  }
}

async function rowsFrom(client: Queryable, first: number, last: number | null) {
  const { rows } = await client.query<EventRecord>(
    `select ${ROW_COLUMNS} from audit_events as e
     where chain_seq >= $1 and ($2::bigint is null or chain_seq <= $2) order by chain_seq limit $3`,
    [first, last, PAGE_SIZE],
  );
  return rows.map(rowOf);
}

async function headAt(client: Queryable, chainSeq: number): Promise<ChainHead | undefined> {
  const { rows } = await client.query<{ hash: Buffer }>(
    'select hash from audit_events where chain_seq = $1',
    [chainSeq],
  );
  return rows[0] && { chainSeq, hash: rows[0].hash };
}

async function currentHead(client: Queryable): Promise<ChainHead> {
  const { rows } = await client.query<{ chain_seq: string; hash: Buffer }>(
    'select chain_seq, hash from audit_head',
  );
  const [head] = rows;
  return head ? { chainSeq: Number(head.chain_seq), hash: head.hash } : EMPTY_CHAIN;
}
