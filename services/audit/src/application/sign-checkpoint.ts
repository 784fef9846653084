/** Signs where the chain stands; never one that was rewritten. */
import {
  type ChainHead,
  type Checkpoint,
  introduceSigner,
  isSameHash,
  type Signer,
  Signers,
  signCheckpoint,
} from '@hokusai/audit-chain';
import type { CheckpointStore, KnownCheckpoint, SigningLog } from '../domain/checkpoint-ports.ts';
import type { SigningRing } from '../domain/signing-ring.ts';

export type SigningOutcome =
  | { kind: 'signed'; checkpoint: Checkpoint; newSigner: Signer | undefined }
  /** Nothing was appended since. */
  | { kind: 'unchanged'; checkpoint: Checkpoint | undefined }
  /** Another replica signs at this moment. */
  | { kind: 'busy' }
  /** The log is not the one that was signed before. */
  | { kind: 'refused'; problem: string };

/** One turn. `now`: ms since the epoch; `known`: what was signed before by the word of others than this database. */
export async function signNext(
  store: CheckpointStore,
  ring: SigningRing,
  now: () => number,
  known: readonly KnownCheckpoint[] = [],
): Promise<SigningOutcome> {
  const outcome = await store.asSigner(async (log): Promise<SigningOutcome> => {
    const head = await log.head();
    const last = await log.lastCheckpoint();
    const problem =
      (await distrust(log, head.logId, last, ring)) ??
      (last && (await rewriting(log, head, last))) ??
      (await contradiction(log, head, last, known));
    if (problem) return { kind: 'refused', problem };
    if (head.chainSeq === (last?.chainSeq ?? 0)) return { kind: 'unchanged', checkpoint: last };
    const newSigner = await introduced(log, head, ring);
    const { logId } = head;
    const checkpoint = signCheckpoint(ring.current, { logId, head, signedAt: new Date(now()) });
    await log.addCheckpoint(checkpoint);
    return { kind: 'signed', checkpoint, newSigner };
  });
  return outcome ?? { kind: 'busy' };
}

/** Why what the database gives as the last checkpoint is not to be believed, by its signature and the sinks' marks. */
async function distrust(
  log: SigningLog,
  logId: string,
  last: Checkpoint | undefined,
  ring: SigningRing,
): Promise<string | undefined> {
  const listed = await log.signers();
  if (!last && listed.length > 0)
    return 'keys are listed that have signed, and nothing that they signed is there: checkpoints were deleted';
  for (const { sink, chainSeq } of await log.marks())
    if (chainSeq > (last?.chainSeq ?? 0))
      return `the checkpoint of row ${chainSeq} is noted as taken to ${sink}, and ${endOf(last)}: checkpoints were deleted, or that note was changed`;
  if (!last) return undefined;
  const signers = new Signers(logId, ring.publicKeys);
  for (const signer of listed) {
    const problem = signers.add(signer);
    if (problem) return problem;
  }
  const trust = signers.trustIn(last.signerId);
  if (trust === undefined || trust === 'unpinned')
    return `the checkpoint of row ${last.chainSeq} is signed by ${last.signerId}, whose public key is not in AUDIT_SIGNING_KEYS`;
  return signers.problemOf(last);
}

/** How the log differs from what was signed last, if it does. */
async function rewriting(log: SigningLog, head: ChainHead, signed: ChainHead): Promise<string | undefined> {
  const { chainSeq, hash } = signed;
  if (head.chainSeq < chainSeq)
    return `the log ends with row ${head.chainSeq}, and row ${chainSeq} was signed: its end was cut off`;
  const hashes = await log.hashesOf(chainSeq);
  if (hashes.length === 0)
    return chainSeq < (await log.base()) ? undefined : `row ${chainSeq}, which was signed, is missing`;
  if (hashes.every((one) => isSameHash(one, hash))) return undefined;
  return `row ${chainSeq} is not the one that was signed: the log was rewritten`;
}

/** How the log differs from what is known from elsewhere to have been signed, if it does. */
async function contradiction(
  log: SigningLog,
  head: ChainHead & { logId: string },
  last: Checkpoint | undefined,
  known: readonly KnownCheckpoint[],
): Promise<string | undefined> {
  for (const { checkpoint, by } of known) {
    const { logId, chainSeq } = checkpoint;
    if (logId !== head.logId)
      return `it is another log (${head.logId}) than the one that was signed (${logId})`;
    const problem = await rewriting(log, head, checkpoint);
    if (problem) return `${problem} (${by} has the checkpoint)`;
    if (chainSeq > (last?.chainSeq ?? 0))
      return `${by} has the checkpoint of row ${chainSeq}, and ${endOf(last)}: checkpoints were deleted`;
  }
  return undefined;
}

function endOf(last: ChainHead | undefined): string {
  return last ? `the last one in the database is of row ${last.chainSeq}` : 'there is none in the database';
}

/** Enters the signer into the log's list, the first time that it signs. */
async function introduced(
  log: SigningLog,
  { logId, chainSeq }: ChainHead & { logId: string },
  { current, former }: SigningRing,
): Promise<Signer | undefined> {
  const signers = await log.signers();
  if (signers.some(({ signerId }) => signerId === current.signerId)) return undefined;
  const before = signers.at(-1);
  const signer = introduceSigner(current, {
    logId,
    sinceChainSeq: before ? chainSeq : 0,
    former: former.find(({ signerId }) => signerId === before?.signerId) ?? null,
  });
  await log.addSigner(signer);
  return signer;
}
