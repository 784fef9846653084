/** Verifies an export of the log, line by line, with the code that the service verifies the log with. */
import { EMPTY_CHAIN } from '../chain.ts';
import { type ChainFault, missingRows } from '../chain-verifier.ts';
import type { Checkpoint } from '../checkpoint.ts';
import { LogVerifier, type Ordered, type ProofCounts, type Witness } from '../log-verifier.ts';
import { type KnownSigner, Signers } from '../signers.ts';
import { RecordReader } from './record-reader.ts';
import {
  checkpointOfJson,
  type ExportRecord,
  type HeaderRecord,
  rowOfRecord,
  signerOfRecord,
} from './records.ts';
import { type Unproven, unprovenBy } from './unproven.ts';

export interface VerifyExportOptions {
  /** Public keys of signers, 32 bytes each, that are known from elsewhere. */
  pinned?: readonly Uint8Array[];
  /** Kept outside of the log; ordered by `chainSeq`. */
  checkpoints?: Ordered<Checkpoint>;
  /** Ordered by `chainSeq`. */
  witnesses?: Ordered<Witness>;
  /** The row up to which it was asked for. If the export ends with it, later proofs say nothing about it. */
  upToChainSeq?: number;
  /** It was made before the proofs were read: that they know of later rows is told, and no fault. */
  isOlder?: boolean;
}

export interface ExportReport extends ProofCounts {
  logId: string;
  /** The first row that was asked for. */
  fromChainSeq: number;
  /** The last row that was found to be right; `fromChainSeq - 1` if there is none. */
  toChainSeq: number;
  rowsVerified: number;
  isSelection: boolean;
  /** undefined: intact, as far as the proofs go. */
  fault: ChainFault | undefined;
  signers: KnownSigner[];
  /** What this export and the proofs given don't show. */
  unproven: Unproven[];
  /** Personal values that the rows have digests of, and that are not in it: erased, or not for whoever asked. */
  erasedValues: number;
}

/**
 * Reads until the end, or the first fault; one record is in memory at a time. Throws ExportFormatError for what is
 * no export, RangeError for proofs out of order, and whatever reading throws.
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  options: VerifyExportOptions = {},
): Promise<ExportReport> {
  const reader = new RecordReader(lines);
  try {
    const header = await reader.header();
    const signers = new Signers(header.log_id, options.pinned ?? []);
    const isSelection = header.is_selection;
    const { upToChainSeq = Number.POSITIVE_INFINITY, ...proofs } = options;
    const isPart = header.to_chain_seq >= upToChainSeq;
    const verifier = await LogVerifier.open({
      ...proofs,
      ...{ start: startOf(header), signers, isSelection, isPart },
    });
    const fault = await firstFault({ reader, header, signers, verifier });
    return reportOf({ header, signers, verifier }, fault);
  } finally {
    await reader.close();
  }
}

interface Verifying {
  header: HeaderRecord;
  signers: Signers;
  verifier: LogVerifier;
}

function startOf(header: HeaderRecord) {
  if (header.from_chain_seq === 1) return EMPTY_CHAIN;
  return { chainSeq: header.from_chain_seq - 1, hash: Buffer.from(header.previous_hash, 'hex') };
}

async function firstFault({
  reader,
  ...verifying
}: Verifying & { reader: RecordReader }): Promise<ChainFault | undefined> {
  const { header, signers, verifier } = verifying;
  let record = await reader.next();
  for (; record?.type === 'signer'; record = await reader.next()) {
    const problem = signers.add(signerOfRecord(record));
    if (problem) return { chainSeq: record.since_chain_seq, problem, proof: 'checkpoint' };
  }
  const atStart = baseFault(verifying) ?? (await verifier.compareDue());
  if (atStart) return atStart;
  for (; record && record.type !== 'end'; record = await reader.next()) {
    const fault =
      recordFault(record, verifier, reader) ??
      (verifier.isProofDue ? await verifier.compareDue() : undefined);
    if (fault) return fault;
  }
  if (!record) return exportFault(verifier.last.chainSeq + 1, 'The export breaks off before this row.');
  await reader.expectNothing();
  return endFault(header, record.rows, verifier);
}

/** What stands for the rows that are no longer kept. */
function baseFault({ header, signers, verifier }: Verifying): ChainFault | undefined {
  if (!header.base) return undefined;
  const base = checkpointOfJson(header.base);
  const start = header.from_chain_seq - 1;
  if (base.chainSeq === start) return verifier.checkpoint(base);
  if (base.chainSeq > start)
    return exportFault(
      header.from_chain_seq,
      'The row is in the export, which says that it is not kept any more.',
    );
  const problem = signers.problemOf(base);
  return problem ? { chainSeq: base.chainSeq, problem, proof: 'checkpoint' } : undefined;
}

function recordFault(
  record: Exclude<ExportRecord, { type: 'end' }>,
  verifier: LogVerifier,
  reader: RecordReader,
): ChainFault | undefined {
  if (record.type === 'event') return verifier.next(rowOfRecord(record));
  if (record.type === 'checkpoint') return verifier.checkpoint(checkpointOfJson(record));
  return reader.misplaced(record.type);
}

function endFault(header: HeaderRecord, rows: number, verifier: LogVerifier): ChainFault | undefined {
  const last = verifier.last.chainSeq;
  if (rows !== verifier.rowsVerified)
    return exportFault(
      last + 1,
      `The export says that it has ${rows} rows, and has ${verifier.rowsVerified}.`,
    );
  if (last > header.to_chain_seq)
    return exportFault(header.to_chain_seq + 1, 'The row stands after the last one of the export: inserted.');
  if (last < header.to_chain_seq && !header.is_selection)
    return missingRows(last + 1, header.to_chain_seq, 'export');
  return verifier.end();
}

function exportFault(chainSeq: number, problem: string): ChainFault {
  return { chainSeq, problem, proof: 'export' };
}

function reportOf({ header, signers, verifier }: Verifying, fault: ChainFault | undefined): ExportReport {
  const report = {
    logId: header.log_id,
    fromChainSeq: header.from_chain_seq,
    toChainSeq: verifier.last.chainSeq,
    rowsVerified: verifier.rowsVerified,
    isSelection: header.is_selection,
    fault,
    signers: signers.known,
    erasedValues: verifier.erasedValues,
    ...verifier.counts,
  };
  const { laterRow } = verifier;
  return { ...report, unproven: unprovenBy({ ...report, laterRow }, header.base?.chain_seq ?? 0) };
}
