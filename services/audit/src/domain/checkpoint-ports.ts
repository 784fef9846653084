/** What signing checkpoints, and taking them out of the database, needs from outside. */
import type { ChainHead, Checkpoint, Signer } from '@hokusai/audit-chain';

/** The log as the one replica that signs sees it, in one transaction. */
export interface SigningLog {
  head(): Promise<ChainHead & { logId: string }>;
  /** The newest one; undefined while nothing is signed. */
  lastCheckpoint(): Promise<Checkpoint | undefined>;
  /** Of the checkpoint that stands for rows which are not kept any more; 0: all are. */
  base(): Promise<number>;
  marks(): Promise<SinkMark[]>;
  /** Everything that the log says of a row's hash now: itself, its successor, its head. */
  hashesOf(chainSeq: number): Promise<Uint8Array[]>;
  /** Oldest first. */
  signers(): Promise<Signer[]>;
  addSigner(signer: Signer): Promise<void>;
  addCheckpoint(checkpoint: Checkpoint): Promise<void>;
}

/** By the database's word. */
export interface SinkMark {
  sink: string;
  /** Of the last checkpoint that the sink has. */
  chainSeq: number;
}

/** A checkpoint that is known from outside of the database. */
export interface KnownCheckpoint {
  checkpoint: Pick<Checkpoint, keyof ChainHead | 'logId'>;
  /** Who says so. */
  by: string;
}

export interface CheckpointStore {
  /** Runs `work` in a transaction of the one replica that signs; undefined where another one does. */
  asSigner<Result>(work: (log: SigningLog) => Promise<Result>): Promise<Result | undefined>;
  /** What the log says of itself, and of how far the sinks have its checkpoints. */
  delivered(): Promise<{ logId: string; marks: SinkMark[] }>;
  /** When the oldest checkpoint was signed that the sink does not have; undefined: it has them all. */
  waitingSince(sink: string): Promise<Date | undefined>;
  /**
   * Hands the next few checkpoints that the sink does not have to `store`, in their order, and notes that it has them.
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
  /** The last of this log that it has, as far as it can tell: one that can't list its own is asked for that of `mark`. */
  last(logId: string, mark: number): Promise<Checkpoint | undefined>;
}
