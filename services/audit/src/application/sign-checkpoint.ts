/** Signs where the chain stands; never one that was rewritten. */
import {
  type ChainHead,
  introduceSigner,
  isSameHash,
  type Signer,
  signCheckpoint,
} from '@hokusai/audit-chain';
import type { CheckpointStore, SigningLog } from '../domain/checkpoint-ports.ts';
import type { SigningRing } from '../domain/signing-ring.ts';

export type SigningOutcome =
  | { kind: 'signed'; chainSeq: number; newSigner: Signer | undefined }
  /** Nothing was appended since. */
  | { kind: 'unchanged' }
  /** Another replica signs at this moment. */
  | { kind: 'busy' }
  /** The log is not the one that was signed before. */
  | { kind: 'refused'; problem: string };

/** One turn. `now`: ms since the epoch. */
export async function signNext(
  store: CheckpointStore,
  ring: SigningRing,
  now: () => number,
): Promise<SigningOutcome> {
  const outcome = await store.asSigner(async (log): Promise<SigningOutcome> => {
    const head = await log.head();
    const last = await log.lastCheckpoint();
    const problem = last && (await rewriting(log, head, last));
    if (problem) return { kind: 'refused', problem };
    if (head.chainSeq === (last?.chainSeq ?? 0)) return { kind: 'unchanged' };
    const newSigner = await introduced(log, head, ring);
    const { logId, chainSeq } = head;
    await log.addCheckpoint(signCheckpoint(ring.current, { logId, head, signedAt: new Date(now()) }));
    return { kind: 'signed', chainSeq, newSigner };
  });
  return outcome ?? { kind: 'busy' };
}

/** How the log differs from what was signed last, if it does. */
async function rewriting(log: SigningLog, head: ChainHead, last: ChainHead): Promise<string | undefined> {
  const { chainSeq, hash } = last;
  if (head.chainSeq < chainSeq)
    return `the log ends with row ${head.chainSeq}, and row ${chainSeq} was signed: its end was cut off`;
  const hashes = await log.hashesOf(chainSeq);
  if (hashes.length === 0) return `row ${chainSeq}, which was signed, is missing`;
  if (hashes.every((one) => isSameHash(one, hash))) return undefined;
  return `row ${chainSeq} is not the one that was signed: the log was rewritten`;
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
