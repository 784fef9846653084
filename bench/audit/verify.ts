/**
 * Verifying an export, as `hokusai audit verify --file` does it and the service does it with its rows: each line is
 * read, its hash and the digests of its personal values are recomputed, and a checkpoint stands after each ten seconds.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import {
  bodyOf,
  type ChainHead,
  chainHash,
  checkpointJsonOf,
  EMPTY_CHAIN,
  type ExportRecord,
  eventRecordOf,
  introduceSigner,
  personalDigest,
  signCheckpoint,
  signerRecordOf,
  signingKeyOf,
  verifyExport,
} from '@hokusai/audit-chain';
import type { Extent } from '../lib/extent.ts';
import { cpuSecondsOf } from '../lib/processor-time.ts';
import { atLeast } from '../lib/report.ts';
import type { Results } from '../lib/results.ts';
import { medianOf, timed } from '../lib/statistics.ts';
import { auditEvent, idOf } from './events.ts';

const TARGET_ROWS_PER_SECOND = 50_000;
const ROWS = 50_000;
/** Ten seconds' worth of the target. */
const ROWS_PER_CHECKPOINT = 50_000;
const ROUNDS = 9;
const QUICK_ROUNDS = 5;

export async function measureVerifying({ isQuick }: Extent, results: Results): Promise<void> {
  const { lines, publicKey } = makeExport(ROWS);
  const rates: number[] = [];
  const cpu: number[] = [];
  for (let round = 0; round <= (isQuick ? QUICK_ROUNDS : ROUNDS); round += 1) {
    const before = cpuSecondsOf(process.pid);
    const ms = await timed(() => verifyAll(lines, publicKey));
    // The first one is for the compiler.
    if (round === 0) continue;
    rates.push((ROWS * 1000) / ms);
    cpu.push(((cpuSecondsOf(process.pid) - before) / ROWS) * 1e6);
  }
  results.row('bytes of a line', lines.reduce((sum, { length }) => sum + length, 0) / lines.length, 'bytes');
  results.row('processor time of verifying a row, median', medianOf(cpu), 'µs');
  results.target(atLeast('verified, median, in rows/s', TARGET_ROWS_PER_SECOND, medianOf(rates)));
}

async function verifyAll(lines: readonly string[], publicKey: Uint8Array): Promise<void> {
  const report = await verifyExport(oneAfterTheOther(lines), { pinned: [publicKey] });
  if (report.fault !== undefined || report.rowsVerified !== ROWS || report.unproven.length > 0)
    throw new Error(`the export is not found intact: ${JSON.stringify(report)}`);
}

async function* oneAfterTheOther(lines: readonly string[]): AsyncGenerator<string> {
  yield* lines;
}

function makeExport(count: number): { lines: string[]; publicKey: Uint8Array } {
  const [logId, key] = [randomUUID(), signingKeyOf(randomBytes(32))];
  const signer = introduceSigner(key, { logId, sinceChainSeq: 0, former: null });
  const header = {
    ...({ type: 'header', version: 1, log_id: logId, from_chain_seq: 1, to_chain_seq: count } as const),
    ...{ is_selection: false, previous_hash: Buffer.from(EMPTY_CHAIN.hash).toString('hex'), base: null },
  };
  const lines = [header, signerRecordOf(signer)].map((record) => JSON.stringify(record));
  let head: ChainHead = EMPTY_CHAIN;
  for (let number = 1; number <= count; number += 1) {
    const row = rowAfter(head);
    lines.push(JSON.stringify(eventRecordOf(row)));
    head = row;
    if (number % ROWS_PER_CHECKPOINT !== 0 && number !== count) continue;
    const checkpoint = signCheckpoint(key, { logId, head, signedAt: new Date() });
    const record: ExportRecord = { type: 'checkpoint', ...checkpointJsonOf(checkpoint) };
    lines.push(JSON.stringify(record));
  }
  lines.push(JSON.stringify({ type: 'end', rows: count } satisfies ExportRecord));
  return { lines, publicKey: key.publicKey };
}

function rowAfter(head: ChainHead) {
  const chainSeq = head.chainSeq + 1;
  const at = new Date().toISOString();
  const eventId = idOf(`event ${chainSeq}`);
  const { personal: values, ...event } = auditEvent(chainSeq, at);
  const personal = Object.entries(values).map(([name, value]) => ({
    ...{ name, value: String(value), salt: randomBytes(32) },
  }));
  const content = {
    ...{ ...event, version: 1, chain_seq: chainSeq, event_id: eventId, source: 'keys', stored_at: at },
    origin: '/hokusai/keys/bench',
    personal: Object.fromEntries(personal.map((one) => [one.name, personalDigest(one)])),
  };
  const body = bodyOf(content);
  return { chainSeq, eventId, previousHash: head.hash, hash: chainHash(head.hash, body), body, personal };
}
