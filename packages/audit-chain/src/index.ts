/**
 * The audit log's chain: hashing, checkpoints, and verifying, by the service and by whoever holds an export alike.
 * Pure: keys, clock and randomness come in as arguments.
 */
export { canonicalJson } from './canonical-json.ts';
export {
  BODY_VERSION,
  type BodyContent,
  bodyOf,
  type ChainHead,
  type ChainRow,
  chainHash,
  columnsOf,
  EMPTY_CHAIN,
  isSameHash,
  type PersonalValue,
  personalDigest,
  type QueryColumns,
} from './chain.ts';
export { type ChainFault, ChainVerifier, type FaultProof } from './chain-verifier.ts';
export {
  type Checkpoint,
  checkpointStatement,
  endorsementStatement,
  introduceSigner,
  type Signer,
  signCheckpoint,
} from './checkpoint.ts';
export { checkpointLineOf, parseCheckpointLine } from './checkpoint-lines.ts';
export { linesOf } from './export/lines.ts';
export { ExportFormatError } from './export/record-reader.ts';
export {
  type CheckpointJson,
  type CheckpointRecord,
  checkpointJsonOf,
  checkpointJsonSchema,
  checkpointOfJson,
  type EventRecord,
  EXPORT_VERSION,
  type ExportRecord,
  eventRecordOf,
  exportRecordSchema,
  type HeaderRecord,
  type SignerRecord,
  signerOfRecord,
  signerRecordOf,
} from './export/records.ts';
export { type Unproven, type UnprovenCode, unprovenBy } from './export/unproven.ts';
export { type ExportReport, type VerifyExportOptions, verifyExport } from './export/verify-export.ts';
export { LogVerifier, type Ordered, type ProofCounts, type Witness } from './log-verifier.ts';
export { OrderedCursor } from './ordered-cursor.ts';
export { type KnownSigner, Signers, type Trust } from './signers.ts';
export { type SigningKey, signerIdOf, signingKeyOf } from './signing.ts';
