/** What the service needs from its database. */
import type { ChainFault, ChainRow, Checkpoint, Signer, Unproven, Witness } from '@hokusai/audit-chain';
import type { Reader } from '@hokusai/contracts/reader';
import type { EventFilter } from './access.ts';
import type { IncomingEvent } from './chain.ts';

export interface Appender {
  /**
   * Appends the events that are not in the log yet, in their order: all of them or none. Appenders of all
   * replicas wait for each other. Events are taken a few at a time, while others are stored; calls are served in
   * their order all the same.
   */
  append(events: Iterable<IncomingEvent>): Promise<void>;
}

export interface StoredEvent {
  eventId: string;
  chainSeq: string;
  hash: Uint8Array;
}

export interface PageRequest {
  /** Number of the row after which it begins; null: at the end that comes first. */
  cursor: number | null;
  /** At most so many rows. */
  size: number;
  oldestFirst: boolean;
}

export interface EventPage {
  rows: ChainRow[];
  /** There are more, in the order asked for. */
  hasMore: boolean;
  /** A row up to which everything was looked at, in the order oldest first; 0 if the log is empty. */
  head: number;
}

export interface ExportRequest {
  reader: Reader;
  filter: EventFilter;
  /** First and last row; null: the first one that is kept, the last one at the moment of asking. */
  from: number | null;
  to: number | null;
}

/** What is known of an export before its first row. */
export interface ExportBeginning {
  logId: string;
  first: number;
  /** `first - 1` if there is none. */
  last: number;
  /** Rows in between may be left out. */
  isSelection: boolean;
  /** Of the row before the first. */
  previousHash: Uint8Array;
  base: Checkpoint | null;
  signers: Signer[];
}

export type ExportPart = { row: ChainRow; checkpoint?: never } | { checkpoint: Checkpoint; row?: never };

export interface LogExport extends ExportBeginning {
  /** In the order of the log, at the pace of whoever reads them. */
  parts(): AsyncIterable<ExportPart>;
}

export interface CheckpointPage {
  /** Newest first. */
  checkpoints: Checkpoint[];
  hasMore: boolean;
  /** All of them, oldest first. */
  signers: Signer[];
}

export interface AuditReader {
  /** Those of the events that are committed. */
  stored(eventIds: readonly string[]): Promise<StoredEvent[]>;
  /** Only what `reader` may see. */
  list(reader: Reader, filter: EventFilter, page: PageRequest): Promise<EventPage>;
  /** Throws `unprocessable` for rows that are not there. Ends its parts when the signal aborts. */
  export(request: ExportRequest, signal: AbortSignal): Promise<LogExport>;
  /** Those of rows before `cursor`; null: from the newest one on. */
  checkpoints(page: { cursor: number | null; size: number }): Promise<CheckpointPage>;
  /** undefined if it is not there, or not `reader`'s to see. */
  find(reader: Reader, eventId: string): Promise<ChainRow | undefined>;
}

export interface VerificationRequest {
  /** First and last row; null: the first one that is kept, the last one. */
  from: number | null;
  to: number | null;
  /** What somebody else has kept of rows; those that are not in the range are left out. */
  witnesses: readonly Witness[];
}

export interface VerificationResult {
  rowsVerified: number;
  /** Compared with their rows, their signatures included. */
  checkpointsVerified: number;
  witnessesVerified: number;
  /** The last row that a checkpoint covers; null if none does. */
  lastCheckpoint: number | null;
  /** The same of checkpoints whose signer is in the configuration, or vouched for by one that is. */
  lastTrustedCheckpoint: number | null;
  /** Rows that lead to a witness, or to such a checkpoint. */
  rowsBound: number;
  /** Personal values of which only the digests are there. */
  erasedValues: number;
  /** What the proofs leave open. */
  unproven: Unproven[];
  fault: ChainFault | undefined;
}

export interface Verification {
  /**
   * Recomputes the chain, as it stands at one moment, and compares it with its checkpoints and with the witnesses
   * given. Stops at the first fault, or when the signal aborts.
   */
  verify(request: VerificationRequest, signal: AbortSignal): Promise<VerificationResult>;
}
