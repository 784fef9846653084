/** What a verification leaves open, though it has found no fault. */
import type { ProofCounts } from '../log-verifier.ts';
import type { KnownSigner } from '../signers.ts';

/** Stable codes; the messages are for people. */
export type UnprovenCode =
  | 'selection'
  | 'begins_later'
  | 'no_checkpoint'
  | 'unpinned_signer'
  | 'after_last_checkpoint'
  | 'later_rows';

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
  /** One after the last row that a proof knows of, where the proofs may be younger than it. */
  laterRow?: number | null;
}

/** `base`: the last row that is no longer kept; 0 while all are. */
export function unprovenBy(verified: Verified, base: number): Unproven[] {
  const { fromChainSeq, toChainSeq, isSelection, lastCheckpoint, laterRow } = verified;
  const unproven: Unproven[] = [];
  const say = (code: UnprovenCode, message: string) => unproven.push({ code, message });
  if (isSelection) say('selection', selection(verified));
  if (fromChainSeq - 1 > base)
    say('begins_later', `It begins with row ${fromChainSeq}: nothing is said of the rows before.`);
  if (laterRow && !isSelection)
    say(
      'later_rows',
      `It ends with row ${toChainSeq}, and a proof knows of row ${laterRow}: export it again.`,
    );
  if (verified.rowsVerified === 0) return unproven;
  if (lastCheckpoint === null)
    say('no_checkpoint', 'No checkpoint covers it: whoever writes to the database can have made it anew.');
  else if ((verified.lastTrustedCheckpoint ?? -1) < lastCheckpoint)
    say('unpinned_signer', unpinned(verified));
  if (lastCheckpoint !== null && lastCheckpoint < toChainSeq && !isSelection)
    say('after_last_checkpoint', `No checkpoint covers the rows after row ${lastCheckpoint} yet.`);
  return unproven;
}

/** A row's own hash, and the one before it that it names, stand in the same file as the row. */
function selection({ rowsVerified, rowsBound }: Verified): string {
  return `It is a selection: ${rowsBound} of its ${rowsVerified} rows lead to a witness or a checkpoint of a known signer; of the others nothing shows that they ever stood in the log, and of none that they are all.`;
}

function unpinned({ signers, lastTrustedCheckpoint }: Verified): string {
  const named = signers.filter(({ trust }) => trust === 'unpinned').map(({ signerId }) => signerId);
  const which =
    lastTrustedCheckpoint === null
      ? 'Its checkpoints are'
      : `After row ${lastTrustedCheckpoint} its checkpoints are`;
  const whose =
    named.length > 0
      ? `signed by ${named.join(', ')}, whose public key was not given`
      : 'signed with the key of a former signer';
  return `${which} ${whose}: whoever made it can have signed them too.`;
}
