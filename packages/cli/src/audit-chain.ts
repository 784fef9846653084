/** The one door to the package that verifies the audit log. It is not published by itself: the build takes it along. */
export {
  type Checkpoint,
  ExportFormatError,
  type ExportReport,
  type KnownSigner,
  linesOf,
  parseCheckpointLine,
  verifyExport,
  type Witness,
} from '@hokusai/audit-chain';
