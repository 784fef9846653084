/** Verifies rows against each other, and against what was signed or kept of them elsewhere. */
import { type ChainHead, isSameHash } from './chain.ts';
import { type ChainFault, ChainVerifier, missingRows, type VerifiableRow } from './chain-verifier.ts';
import { type Checkpoint, checkpointStatement } from './checkpoint.ts';
import { OrderedCursor } from './ordered-cursor.ts';
import type { Signers } from './signers.ts';

/** Where a row stood, by the word of who kept its hash. */
export type Witness = ChainHead;

/** Ordered by `chainSeq`. */
export type Ordered<Item> = Iterable<Item> | AsyncIterable<Item>;

export interface LogVerifierOptions {
  /** The row before the first one to be verified. */
  start: ChainHead;
  signers: Signers;
  /** Kept outside of the log; those of rows before the first are left out. */
  checkpoints?: Ordered<Checkpoint>;
  witnesses?: Ordered<Witness>;
  /** Rows may be left out, and then no proof says anything about them. */
  isSelection?: boolean;
  /** It is a part of the log: proofs of rows after the last one say nothing about it. */
  isPart?: boolean;
  /** It can be older than the proofs: that they know of later rows is told, and no fault. */
  isOlder?: boolean;
}

export interface ProofCounts {
  /** Compared with their rows, their signatures included; the same one inside and outside of the log is one. */
  checkpoints: number;
  witnesses: number;
  /** Rows that a witness or a trusted checkpoint stands for: those up to its own that come without a gap. */
  rowsBound: number;
  /** The last row that a checkpoint covers; null if none does. */
  lastCheckpoint: number | null;
  /** The same of checkpoints whose signer is pinned, or vouched for by one that is. */
  lastTrustedCheckpoint: number | null;
}

/** Takes rows in rising order; after each, asks for the proofs that are due. After a fault: nothing more. */
export class LogVerifier {
  readonly #chain: ChainVerifier;
  readonly #options: LogVerifierOptions;
  readonly #witnesses: OrderedCursor<Witness>;
  readonly #checkpoints: OrderedCursor<Checkpoint>;
  readonly #counts: ProofCounts = {
    checkpoints: 0,
    witnesses: 0,
    rowsBound: 0,
    lastCheckpoint: null,
    lastTrustedCheckpoint: null,
  };
  #lastProven: number;
  #lastCheckpoint: Checkpoint | undefined;
  /** Rows without a gap, of which none is bound yet. */
  #unbound = 0;

  private constructor(
    options: LogVerifierOptions,
    witnesses: OrderedCursor<Witness>,
    checkpoints: OrderedCursor<Checkpoint>,
  ) {
    this.#options = options;
    this.#chain = new ChainVerifier(options.start, { isSelection: options.isSelection ?? false });
    this.#lastProven = options.start.chainSeq;
    this.#witnesses = witnesses;
    this.#checkpoints = checkpoints;
  }

  static async open(options: LogVerifierOptions): Promise<LogVerifier> {
    const { start, witnesses = [], checkpoints = [] } = options;
    return new LogVerifier(
      options,
      await OrderedCursor.from(witnesses, start.chainSeq),
      await OrderedCursor.from(checkpoints, start.chainSeq),
    );
  }

  get rowsVerified(): number {
    return this.#chain.rowsVerified;
  }

  /** Personal values of which only the digests are there. */
  get erasedValues(): number {
    return this.#chain.erasedValues;
  }

  /** After the last row: one after it that a proof knows, if any does. */
  get laterRow(): number | null {
    const row = Math.min(this.#checkpoints.position, this.#witnesses.position);
    return this.#options.isOlder && Number.isFinite(row) ? row : null;
  }

  get last(): ChainHead {
    return this.#chain.last;
  }

  get counts(): ProofCounts {
    return this.#counts;
  }

  next(row: VerifiableRow): ChainFault | undefined {
    if (row.chainSeq !== this.#chain.last.chainSeq + 1) this.#unbound = 0;
    const fault = this.#chain.next(row);
    if (!fault) this.#unbound += 1;
    return fault;
  }

  /** There are proofs of the last row, or of one that was left out before it. */
  get isProofDue(): boolean {
    const { chainSeq } = this.#chain.last;
    return this.#witnesses.position <= chainSeq || this.#checkpoints.position <= chainSeq;
  }

  /** Compares the proofs that are due. */
  async compareDue(): Promise<ChainFault | undefined> {
    const { chainSeq } = this.#chain.last;
    for (let witness = this.#witnesses.dueAt(chainSeq); witness; witness = this.#witnesses.dueAt(chainSeq)) {
      const fault = this.#compareWitness(witness);
      if (fault) return fault;
      await this.#witnesses.advance();
    }
    for (let kept = this.#checkpoints.dueAt(chainSeq); kept; kept = this.#checkpoints.dueAt(chainSeq)) {
      const fault = this.checkpoint(kept);
      if (fault) return fault;
      await this.#checkpoints.advance();
    }
    return undefined;
  }

  /** A checkpoint that stands in the log, after the row that it is of. */
  checkpoint(checkpoint: Checkpoint): ChainFault | undefined {
    const { chainSeq, signedAt } = checkpoint;
    // The same one often stands in the log and outside of it: it is compared once.
    if (this.#lastCheckpoint && isSame(this.#lastCheckpoint, checkpoint)) return undefined;
    const problem = this.#options.signers.problemOf(checkpoint);
    if (problem) return { chainSeq, problem, proof: 'checkpoint' };
    const { last } = this.#chain;
    const isOfLast = chainSeq === last.chainSeq;
    if (!isOfLast && this.#options.isSelection) return undefined;
    if (chainSeq > last.chainSeq) return missingRows(last.chainSeq + 1, chainSeq, 'checkpoint');
    if (!isOfLast) return undefined;
    const by = `the checkpoint of ${signedAt.toISOString()}`;
    if (!isSameHash(checkpoint.hash, last.hash)) return this.#contradiction(chainSeq, by, 'checkpoint');
    this.#lastProven = chainSeq;
    this.#counts.checkpoints += 1;
    this.#counts.lastCheckpoint = chainSeq;
    this.#lastCheckpoint = checkpoint;
    if (!this.#options.signers.isTrusted(checkpoint)) return undefined;
    this.#counts.lastTrustedCheckpoint = chainSeq;
    this.#bind();
    return undefined;
  }

  /** A proof of the last row stands for all that lead to it. */
  #bind(): void {
    this.#counts.rowsBound += this.#unbound;
    this.#unbound = 0;
  }

  #compareWitness({ chainSeq, hash }: Witness): ChainFault | undefined {
    const { last } = this.#chain;
    // Of a row that is not part of the selection.
    if (chainSeq !== last.chainSeq) return undefined;
    if (!isSameHash(hash, last.hash))
      return this.#contradiction(chainSeq, 'what was kept of it elsewhere', 'witness');
    this.#lastProven = chainSeq;
    this.#counts.witnesses += 1;
    this.#bind();
    return undefined;
  }

  #contradiction(chainSeq: number, by: string, proof: 'checkpoint' | 'witness'): ChainFault {
    const first = this.#lastProven + 1;
    const which = first < chainSeq ? `one of the rows ${first} to ${chainSeq}` : 'it';
    return { chainSeq, problem: `The row contradicts ${by}: ${which} was replaced.`, proof };
  }

  /** After the last row: does any proof know of a later one? `head`: where the log says that it ends. */
  end(head?: ChainHead): ChainFault | undefined {
    const fault = head && this.#chain.end(head);
    const { isSelection, isPart, isOlder } = this.#options;
    if (fault ?? (isSelection || isPart || isOlder)) return fault;
    const next = this.#chain.last.chainSeq + 1;
    if (Number.isFinite(this.#checkpoints.position))
      return missingRows(next, this.#checkpoints.position, 'checkpoint');
    if (Number.isFinite(this.#witnesses.position))
      return missingRows(next, this.#witnesses.position, 'witness');
    return undefined;
  }
}

function isSame(a: Checkpoint, b: Checkpoint): boolean {
  return isSameHash(a.signature, b.signature) && checkpointStatement(a) === checkpointStatement(b);
}
