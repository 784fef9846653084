/**
 * Checkpoints: signed statements of where the chain stood. Signed is the canonical JSON (RFC 8785) of
 *
 *     {"type": "hokusai.audit.checkpoint", "version": 1, "log_id", "chain_seq", "hash": hex,
 *      "signed_at": ISO 8601 in UTC with milliseconds, "signer_id"}
 *
 * and, of a new signer by the one before it, of
 *
 *     {"type": "hokusai.audit.endorsement", "version": 1, "log_id", "signer_id", "public_key": base64url,
 *      "since_chain_seq", "endorsed_by"}
 */
import { canonicalJson } from './canonical-json.ts';
import type { ChainHead } from './chain.ts';
import type { SigningKey } from './signing.ts';

export const CHECKPOINT_TYPE = 'hokusai.audit.checkpoint';
const ENDORSEMENT_TYPE = 'hokusai.audit.endorsement';
export const CHECKPOINT_VERSION = 1;
const ENDORSEMENT_VERSION = 1;

export interface Checkpoint extends ChainHead {
  /** uuid of the log */
  logId: string;
  signedAt: Date;
  signerId: string;
  /** Ed25519, 64 bytes. */
  signature: Uint8Array;
}

export interface Signer {
  signerId: string;
  /** Ed25519, 32 bytes. */
  publicKey: Uint8Array;
  /** Number of the log's last row when it began to sign. */
  sinceChainSeq: number;
  /** The signer before; null for the first one, and where its key was lost. */
  endorsement: { signerId: string; signature: Uint8Array } | null;
}

/** The statement of `head`, signed. */
export function signCheckpoint(
  key: SigningKey,
  { logId, head, signedAt }: { logId: string; head: ChainHead; signedAt: Date },
): Checkpoint {
  const { chainSeq, hash } = head;
  const statement = { logId, chainSeq, hash, signedAt, signerId: key.signerId };
  return { ...statement, signature: key.sign(checkpointStatement(statement)) };
}

/** The text that is signed. */
export function checkpointStatement(checkpoint: Omit<Checkpoint, 'signature'>): string {
  return canonicalJson({
    type: CHECKPOINT_TYPE,
    version: CHECKPOINT_VERSION,
    log_id: checkpoint.logId,
    chain_seq: checkpoint.chainSeq,
    hash: Buffer.from(checkpoint.hash).toString('hex'),
    signed_at: checkpoint.signedAt.toISOString(),
    signer_id: checkpoint.signerId,
  });
}

/** A signer that begins after row `sinceChainSeq`, vouched for by the one before it, if its key is there. */
export function introduceSigner(
  key: SigningKey,
  { logId, sinceChainSeq, former }: { logId: string; sinceChainSeq: number; former: SigningKey | null },
): Signer {
  const { signerId, publicKey } = key;
  const signer = { signerId, publicKey, sinceChainSeq };
  if (!former) return { ...signer, endorsement: null };
  const text = endorsementStatement(logId, signer, former.signerId);
  return { ...signer, endorsement: { signerId: former.signerId, signature: former.sign(text) } };
}

/** The text that `endorsedBy` signs for `signer`. */
export function endorsementStatement(
  logId: string,
  signer: Omit<Signer, 'endorsement'>,
  endorsedBy: string,
): string {
  return canonicalJson({
    type: ENDORSEMENT_TYPE,
    version: ENDORSEMENT_VERSION,
    log_id: logId,
    signer_id: signer.signerId,
    public_key: Buffer.from(signer.publicKey).toString('base64url'),
    since_chain_seq: signer.sinceChainSeq,
    endorsed_by: endorsedBy,
  });
}
