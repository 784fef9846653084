/** What a verification found, for people and for programs. */
import type { Verification } from '../../api/audit-schemas.ts';
import type { ExportReport, KnownSigner } from '../../audit-chain.ts';
import { Failure } from '../../failure.ts';
import { type Detail, detailLines } from '../../output/details.ts';
import { count } from '../../output/quantities.ts';
import type { Paper } from '../../output/style.ts';

interface Fault {
  chainSeq: number;
  problem: string;
  proof: string;
}

/** Of either kind of verification. */
export interface Findings {
  /** Absent where the server verified. */
  log?: { logId: string; fromChainSeq: number; toChainSeq: number; signers: readonly KnownSigner[] };
  rowsVerified: number;
  fault: Fault | undefined;
  checkpoints: number;
  lastCheckpoint: number | null;
  lastTrustedCheckpoint: number | null;
  witnesses: number;
  /** null: none were asked for. */
  witnessesKnown: number | null;
  unproven: readonly { code: string; message: string }[];
  /** Personal values of which only the digests are there. */
  erasedValues: number;
  /** Rows that lead to a witness or a trusted checkpoint. */
  rowsBound: number;
}

export function findingsOf(report: ExportReport, witnessesKnown: number | null): Findings {
  const { logId, fromChainSeq, toChainSeq, signers, ...rest } = report;
  return { ...rest, log: { logId, fromChainSeq, toChainSeq, signers }, witnessesKnown };
}

export function findingsOfServer(answer: Verification): Findings {
  const { first_bad_chain_seq: chainSeq, last_checkpoint_chain_seq: lastCheckpoint } = answer;
  const fault =
    chainSeq === null ? undefined : { chainSeq, problem: answer.problem ?? '', proof: answer.proof ?? '' };
  return {
    rowsVerified: answer.rows_verified,
    fault,
    checkpoints: answer.checkpoints_verified,
    lastCheckpoint,
    lastTrustedCheckpoint: answer.last_trusted_checkpoint_chain_seq,
    witnesses: answer.witnesses_verified,
    witnessesKnown: answer.witnesses_known,
    unproven: answer.unproven,
    erasedValues: answer.erased_values,
    rowsBound: answer.rows_bound,
  };
}

export function findingsJson({ log, fault, ...findings }: Findings): string {
  const json = {
    intact: fault === undefined,
    log_id: log?.logId,
    from_chain_seq: log?.fromChainSeq,
    to_chain_seq: log?.toChainSeq,
    rows_verified: findings.rowsVerified,
    first_bad_chain_seq: fault?.chainSeq ?? null,
    problem: fault?.problem ?? null,
    proof: fault?.proof ?? null,
    checkpoints_verified: findings.checkpoints,
    last_checkpoint_chain_seq: findings.lastCheckpoint,
    last_trusted_checkpoint_chain_seq: findings.lastTrustedCheckpoint,
    rows_bound: findings.rowsBound,
    erased_values: findings.erasedValues,
    witnesses_known: findings.witnessesKnown,
    witnesses_verified: findings.witnesses,
    signers: log?.signers.map(({ signerId, publicKey, trust }) => ({
      signer_id: signerId,
      public_key: base64url(publicKey),
      trust,
    })),
    unproven: findings.unproven,
  };
  return JSON.stringify(json);
}

export function findingsDetails(findings: Findings, paper: Paper): string {
  const { log, fault, checkpoints, witnesses, witnessesKnown, unproven, erasedValues } = findings;
  const details: Detail[] = [
    ['Result', fault ? `broken at row ${fault.chainSeq}` : 'intact'],
    ['Log', log?.logId ?? null],
    ['Rows', rowsOf(findings)],
    ['Checkpoints', `${count(checkpoints)} compared${lastOf(findings)}`],
    [
      'Witnesses',
      witnessesKnown === null ? 'none asked for' : `${count(witnesses)} of ${count(witnessesKnown)} compared`,
    ],
    ['Erased', erasedValues === 0 ? null : `${count(erasedValues)} personal values: see audit.erased`],
    ['Signers', log?.signers.map(signerOf) ?? null],
    ['Not shown', unproven.map(({ message }) => message)],
  ];
  return detailLines(details, paper);
}

function lastOf({ lastCheckpoint, lastTrustedCheckpoint }: Findings): string {
  if (lastTrustedCheckpoint !== null)
    return `, the last one by a known signer of row ${lastTrustedCheckpoint}`;
  return lastCheckpoint === null ? '' : `, the last one of row ${lastCheckpoint}, by no known signer`;
}

function rowsOf({ rowsVerified, log }: Findings): string {
  if (!log || rowsVerified === 0) return `${count(rowsVerified)} verified`;
  return `${count(rowsVerified)} verified, from ${log.fromChainSeq} to ${log.toChainSeq}`;
}

const TRUST = {
  pinned: 'known by its public key',
  endorsed: 'endorsed by a known one',
  unpinned: 'not known',
} as const;

function signerOf({ signerId, publicKey, trust }: KnownSigner): string {
  return `${signerId}, ${TRUST[trust]}, public key ${base64url(publicKey)}`;
}

/** What makes a proof incomplete, unless it was asked for. All else counts with --strict. */
const INCOMPLETE: ReadonlySet<string> = new Set([
  ...['no_checkpoint', 'unpinned_signer', 'selection', 'begins_later'],
]);

export interface Strictness {
  isStrict: boolean;
  /** Rows from a later one on were asked for. */
  isPart: boolean;
}

/** Throws `broken`, or `incomplete` if too little is shown. */
export function judge({ fault, unproven }: Findings, { isStrict, isPart }: Strictness): void {
  if (fault)
    throw new Failure('broken', `Row ${fault.chainSeq}: ${fault.problem}`, {
      advice: [
        `This is shown by ${PROOFS[fault.proof] ?? fault.proof}. Everything from this row on is in doubt.`,
      ],
    });
  const open = unproven.filter(
    ({ code }) => isStrict || (INCOMPLETE.has(code) && !(isPart && code === 'begins_later')),
  );
  if (open.length === 0) return;
  throw new Failure('incomplete', 'No fault was found, but the proof is not complete.', {
    advice: open.map(({ message }) => message),
  });
}

const PROOFS: Readonly<Record<string, string>> = {
  chain: 'the chain itself',
  checkpoint: 'a signed checkpoint',
  witness: 'what the keys service has kept',
  export: 'what the export says of itself',
};

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
