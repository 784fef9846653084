/** What a verification leaves open, though it has found no fault. */
import type { ProofCounts } from '../log-verifier.ts';
import type { KnownSigner } from '../signers.ts';

/** Stable codes; the messages are for people. */
export type UnprovenCode =
  | 'selection'
  | 'begins_later'
  | 'no_checkpoint'
  | 'unpinned_signer'
  | 'after_last_checkpoint';

export interface Unproven {
  code: UnprovenCode;
  message: string;
}

interface Verified extends ProofCounts {
  fromChainSeq: number;
  toChainSeq: number;
  rowsVerified: number;
  isSelection: boolean;
  signers: readonly KnownSigner[];
}

/** `base`: the last row that is no longer kept; 0 while all are. */
export function unprovenBy(verified: Verified, base: number): Unproven[] {
  const { fromChainSeq, toChainSeq, isSelection, lastCheckpoint, lastTrustedCheckpoint, signers } = verified;
  const unproven: Unproven[] = [];
  const say = (code: UnprovenCode, message: string) => unproven.push({ code, message });
  if (isSelection)
    say('selection', 'It is a selection: each row proves itself, not that they are all there were.');
  if (fromChainSeq - 1 > base)
    say('begins_later', `It begins with row ${fromChainSeq}: nothing is said of the rows before.`);
  if (verified.rowsVerified === 0) return unproven;
  if (lastCheckpoint === null)
    say('no_checkpoint', 'No checkpoint covers it: whoever writes to the database can have made it anew.');
  else if (lastTrustedCheckpoint === null) say('unpinned_signer', unpinned(signers));
  if (lastCheckpoint !== null && lastCheckpoint < toChainSeq && !isSelection)
    say('after_last_checkpoint', `No checkpoint covers the rows after row ${lastCheckpoint} yet.`);
  return unproven;
}

function unpinned(signers: readonly KnownSigner[]): string {
  const named = signers.filter(({ trust }) => trust === 'unpinned').map(({ signerId }) => signerId);
  return `Its checkpoints are signed by ${named.join(', ')}, whose public key was not given: whoever made it can have signed them too.`;
}
