/** Whose signatures count: pinned public keys, and those that a trusted one has vouched for. */
import type { KeyObject } from 'node:crypto';
import { type Checkpoint, checkpointStatement, endorsementStatement, type Signer } from './checkpoint.ts';
import { isSignedBy, publicKeyOf, signerIdOf } from './signing.ts';

/** `unpinned`: nothing but the log itself says that it is the right one. */
export type Trust = 'pinned' | 'endorsed' | 'unpinned';

export interface KnownSigner {
  signerId: string;
  /** 32 bytes. */
  publicKey: Uint8Array;
  trust: Trust;
}

/** The signers of one log. Those of the list come oldest first, as each is vouched for by one before it. */
export class Signers {
  readonly #logId: string;
  readonly #known = new Map<string, KnownSigner & { key: KeyObject }>();
  /** Rows at which the listed ones began, and, of those with a trusted successor, ended. */
  readonly #since = new Map<string, number>();
  readonly #until = new Map<string, number>();

  /** `pinned`: public keys, 32 bytes each, whose owner the caller knows from elsewhere. */
  constructor(logId: string, pinned: readonly Uint8Array[]) {
    this.#logId = logId;
    for (const publicKey of pinned) this.#know(publicKey, 'pinned');
  }

  /** All of them; pinned ones that never signed among them. */
  get known(): KnownSigner[] {
    return [...this.#known.values()].map(({ key, ...signer }) => signer);
  }

  trustIn(signerId: string): Trust | undefined {
    return this.#known.get(signerId)?.trust;
  }

  /** Whoever got hold of a former signer's key can sign with it still: it counts up to where a trusted one followed. */
  isTrusted({ signerId, chainSeq }: Pick<Checkpoint, 'signerId' | 'chainSeq'>): boolean {
    const trust = this.trustIn(signerId);
    const until = this.#until.get(signerId) ?? Number.POSITIVE_INFINITY;
    return trust !== undefined && trust !== 'unpinned' && chainSeq <= until;
  }

  /** Takes the next of the log's list. Answers what is wrong with it, if anything is. */
  add(signer: Signer): string | undefined {
    const { signerId, publicKey, endorsement } = signer;
    if (signerIdOf(publicKey) !== signerId)
      return `The signer ${signerId} is listed with a public key that is not its own.`;
    if (endorsement && !this.#isEndorsed(signer))
      return `The signer ${signerId} is listed with an endorsement that ${endorsement.signerId} did not give.`;
    const former = endorsement && this.trustIn(endorsement.signerId);
    this.#know(publicKey, former && former !== 'unpinned' ? 'endorsed' : 'unpinned');
    this.#begin(signer);
    return undefined;
  }

  /** If it is trusted, those that were listed before it end here. */
  #begin({ signerId, sinceChainSeq }: Signer): void {
    if (this.#since.has(signerId)) return;
    if (this.trustIn(signerId) !== 'unpinned')
      for (const former of this.#since.keys())
        if (!this.#until.has(former)) this.#until.set(former, sinceChainSeq);
    this.#since.set(signerId, sinceChainSeq);
  }

  #isEndorsed(signer: Signer): boolean {
    const { endorsement } = signer;
    const former = endorsement && this.#known.get(endorsement.signerId);
    if (!former) return false;
    const text = endorsementStatement(this.#logId, signer, endorsement.signerId);
    return isSignedBy(former.key, text, endorsement.signature);
  }

  #know(publicKey: Uint8Array, trust: Trust): void {
    const signerId = signerIdOf(publicKey);
    if (this.#known.has(signerId)) return;
    this.#known.set(signerId, { signerId, publicKey, trust, key: publicKeyOf(publicKey) });
  }

  /** What is wrong with a checkpoint by itself, if anything is: whose log, who signed it, and whether they did. */
  problemOf(checkpoint: Checkpoint): string | undefined {
    const { chainSeq, logId, signerId } = checkpoint;
    if (logId !== this.#logId)
      return `The checkpoint of row ${chainSeq} is of another log (${logId}), not of ${this.#logId}.`;
    const signer = this.#known.get(signerId);
    if (!signer)
      return `The checkpoint of row ${chainSeq} is signed by ${signerId}, which is not among the log's signers.`;
    const since = this.#since.get(signerId) ?? 0;
    if (chainSeq < since)
      return `The checkpoint of row ${chainSeq} is signed by ${signerId}, which began to sign with row ${since}.`;
    if (isSignedBy(signer.key, checkpointStatement(checkpoint), checkpoint.signature)) return undefined;
    return `The checkpoint of row ${chainSeq} is not what ${signerId} signed.`;
  }
}
