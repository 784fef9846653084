/** Walks the chain in the database, page by page, as it stands at one moment. */
import { type ChainFault, LogVerifier, Signers, unprovenBy } from '@hokusai/audit-chain';
import { HokusaiError } from '@hokusai/contracts';
import { type Pool, type Queryable, transaction } from '@hokusai/service-kit';
import type { Verification, VerificationRequest, VerificationResult } from '../domain/ports.ts';
import { readBeginning } from './beginning.ts';
import { allCheckpoints, readSigners } from './checkpoints.ts';
import { readHead } from './head.ts';
import { type EventRecord, ROW_COLUMNS, rowOf } from './rows.ts';

const PAGE_SIZE = 1000;
const NOTHING = {
  ...{ rowsVerified: 0, checkpointsVerified: 0, witnessesVerified: 0, rowsBound: 0, erasedValues: 0 },
  ...{ lastCheckpoint: null, lastTrustedCheckpoint: null, unproven: [] },
};

/**
 * `pinned`: public keys of this log's signers, from the configuration. Each verification holds a connection for as long
 * as it takes: as many run at the same time as the pool has, and nobody else should need them.
 */
export function createVerification(pool: Pool, pinned: readonly Uint8Array[] = []): Verification {
  let running = 0;
  return {
    verify: async (request, signal) => {
      if (running >= pool.options.max)
        throw new HokusaiError('rate_limited', 'The audit log is being verified already.', {
          reason: 'verification_running',
          retryAfterSeconds: 10,
        });
      running += 1;
      try {
        return await transaction(pool, async (client) => {
          await client.query('set transaction isolation level repeatable read read only');
          return await verify(client, request, pinned, signal);
        });
      } finally {
        running -= 1;
      }
    },
  };
}

async function verify(
  client: Queryable,
  { from, to, witnesses }: VerificationRequest,
  pinned: readonly Uint8Array[],
  signal: AbortSignal,
): Promise<VerificationResult> {
  const { logId, ...head } = await readHead(client);
  const { first, before: start, base } = await readBeginning(client, from, head);
  if (!start)
    return { ...NOTHING, fault: { chainSeq: first - 1, problem: 'The row is missing.', proof: 'chain' } };
  const signers = new Signers(logId, pinned);
  const isPart = to !== null && to < head.chainSeq;
  const last = isPart ? to : Number.MAX_SAFE_INTEGER;
  const verifier = await LogVerifier.open({
    start,
    signers,
    isPart,
    witnesses: witnesses.toSorted((a, b) => a.chainSeq - b.chainSeq),
    // That of the row before it among them: it may be the base.
    checkpoints: allCheckpoints(client, { after: start.chainSeq - 1, last }),
  });
  const fault =
    (await signersFault(client, signers)) ??
    (await verifier.compareDue()) ??
    (await walk(client, verifier, isPart ? to : null, signal)) ??
    // Where the range ends before the log does, the head says nothing about it.
    (isPart && verifier.last.chainSeq === to ? undefined : verifier.end(head));
  const { counts, erasedValues, rowsVerified } = verifier;
  const verified = { ...counts, rowsVerified, fromChainSeq: first, toChainSeq: verifier.last.chainSeq };
  const unproven = unprovenBy(
    { ...verified, isSelection: false, signers: signers.known },
    base?.chainSeq ?? 0,
  );
  const { checkpoints: checkpointsVerified, witnesses: witnessesVerified, ...covered } = counts;
  return { rowsVerified, checkpointsVerified, witnessesVerified, ...covered, erasedValues, unproven, fault };
}

async function signersFault(client: Queryable, signers: Signers): Promise<ChainFault | undefined> {
  for (const signer of await readSigners(client)) {
    const problem = signers.add(signer);
    if (problem) return { chainSeq: signer.sinceChainSeq, problem, proof: 'checkpoint' };
  }
  return undefined;
}

async function walk(
  client: Queryable,
  verifier: LogVerifier,
  last: number | null,
  signal: AbortSignal,
): Promise<ChainFault | undefined> {
  for (;;) {
    signal.throwIfAborted();
    const page = await rowsFrom(client, verifier.last.chainSeq + 1, last);
    for (const row of page) {
      const fault = verifier.next(row) ?? (verifier.isProofDue ? await verifier.compareDue() : undefined);
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
