/** What signing checkpoints, and taking them out of the database, needs from outside. */
import type { ChainHead, Checkpoint, Signer } from '@hokusai/audit-chain';

/** The log as the one replica that signs sees it, in one transaction. */
export interface SigningLog {
  head(): Promise<ChainHead & { logId: string }>;
  /** The newest one; undefined while nothing is signed. */
  lastCheckpoint(): Promise<ChainHead | undefined>;
  /** Everything that the log says of a row's hash now: itself, its successor, its head. */
  hashesOf(chainSeq: number): Promise<Uint8Array[]>;
  /** Oldest first. */
  signers(): Promise<Signer[]>;
  addSigner(signer: Signer): Promise<void>;
  addCheckpoint(checkpoint: Checkpoint): Promise<void>;
}

export interface CheckpointStore {
  /** Runs `work` in a transaction of the one replica that signs; undefined where another one does. */
  asSigner<Result>(work: (log: SigningLog) => Promise<Result>): Promise<Result | undefined>;
  /**
   * Hands the next checkpoints that the sink does not have to `store`, in their order, and notes that it has them.
   * One replica at a time does; answers whether there are more.
   */
  deliver(sink: string, store: (checkpoints: readonly Checkpoint[]) => Promise<void>): Promise<boolean>;
}

/** A place outside of the database. */
export interface CheckpointSink {
  /** Kind and address. */
  name: string;
  /** Resolves when they are there for good. What it has already may come again. */
  store(checkpoints: readonly Checkpoint[]): Promise<void>;
}
