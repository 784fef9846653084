/**
 * Whoever owns the database and knows how the log is made rewrites it, head and all: the chain fits again, and only
 * what was signed or kept elsewhere tells.
 */
import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import {
  type ChainRow,
  type Checkpoint,
  chainHash,
  checkpointJsonOf,
  EMPTY_CHAIN,
  type ExportReport,
  eventRecordOf,
  signCheckpoint,
  signerIdOf,
  signerRecordOf,
  type VerifyExportOptions,
  verifyExport,
} from '@hokusai/audit-chain';
import { signNext } from '../src/application/sign-checkpoint.ts';
import { createCheckpointStore, readCheckpoints, readSigners } from '../src/storage/checkpoints.ts';
import { type EventRecord, ROW_COLUMNS, rowOf } from '../src/storage/rows.ts';
import { createVerification } from '../src/storage/verification.ts';
import {
  type AuditDatabase,
  appenderOn,
  openAuditDatabase,
  verdict,
  verify,
} from './support/audit-database.ts';
import { incomingOf } from './support/audit-events.ts';
import { ringOf, seedOf } from './support/signing-rings.ts';

const ROWS = 60;
/** Signed after each of these rows. */
const SIGNED = [20, 40];
const KEPT = [10, 25, 58];

const OURS = ringOf(`a:${seedOf(1)}`);
const THEIRS = ringOf(`a:${seedOf(2)}`);

describe('the audit log against those who rewrite it', function () {
  this.timeout(120_000);
  let db: AuditDatabase;
  let witnesses: ChainRow[];
  let outside: Checkpoint[];

  beforeEach(async () => {
    db = await openAuditDatabase();
    for (const [index, signed] of [...SIGNED, ROWS].entries()) {
      const count = signed - (SIGNED[index - 1] ?? 0);
      await appenderOn(db.pool).append(Array.from({ length: count }, () => incomingOf()));
      if (signed < ROWS) await signNext(createCheckpointStore(db.pool), OURS, Date.now);
    }
    witnesses = (await rows()).filter(({ chainSeq }) => KEPT.includes(chainSeq));
    outside = await checkpoints();
    await db.admin.query(
      ['audit_events', 'audit_head', 'audit_checkpoints', 'audit_signers', 'personal_values']
        .map((table) => `alter table ${table} disable trigger user;`)
        .join(' '),
    );
  });
  afterEach(() => db.close());

  it('says what proves a log that nobody touched', async () => {
    assert.equal(verdict(await verify(db.pool, null, null, witnesses)), `intact, ${ROWS} rows`);
    const result = await verify(db.pool, null, null, witnesses);
    assert.deepEqual(
      [result.checkpointsVerified, result.witnessesVerified, result.lastCheckpoint],
      [SIGNED.length, KEPT.length, 40],
    );
    const report = await verifyOffline({ checkpoints: outside, witnesses });
    assert.deepEqual(
      [report.fault, report.lastTrustedCheckpoint, report.checkpoints, report.witnesses],
      [undefined, 40, SIGNED.length, KEPT.length],
    );
  });

  it('shows by its checkpoints that the whole chain was rebuilt', async () => {
    await rebuild(1);
    assert.match(verdict(await verify(db.pool)), /^20: .*contradicts the checkpoint .*rows 1 to 20/);
    assert.equal((await verifyOffline({})).fault?.chainSeq, 20);
  });

  it('shows by witnesses that the whole chain was rebuilt, whatever became of its checkpoints', async () => {
    await rebuild(1);
    await db.admin.query('delete from audit_checkpoints');
    assert.equal(verdict(await verify(db.pool)), `intact, ${ROWS} rows`, 'nothing tells without a proof');
    const result = await verify(db.pool, null, null, witnesses);
    assert.match(verdict(result), /^10: .*kept of it elsewhere.*rows 1 to 10/);
    assert.equal(result.fault?.proof, 'witness');
  });

  it('shows by a known key, and by checkpoints outside, that it was rebuilt and signed anew', async () => {
    await rebuild(30);
    await signAnew();
    assert.equal(verdict(await verify(db.pool)), `intact, ${ROWS} rows`, 'nothing tells without a proof');
    const pinned = createVerification(db.pool, OURS.publicKeys);
    const onServer = await pinned.verify(
      { from: null, to: null, witnesses: [] },
      AbortSignal.timeout(60_000),
    );
    assert.deepEqual(
      [onServer.fault, onServer.lastCheckpoint, onServer.lastTrustedCheckpoint, onServer.rowsBound],
      [undefined, ROWS, null, 0],
    );
    assert.deepEqual(
      onServer.unproven.map(({ code }) => code),
      ['unpinned_signer'],
    );
    const signedByOthers = await verifyOffline({});
    assert.deepEqual([signedByOthers.fault, signedByOthers.lastTrustedCheckpoint], [undefined, null]);
    assert.deepEqual(
      signedByOthers.unproven.map(({ code }) => code),
      ['unpinned_signer'],
    );
    const { fault } = await verifyOffline({ checkpoints: outside });
    assert.deepEqual([fault?.chainSeq, fault?.proof], [40, 'checkpoint']);
    assert.match(fault?.problem ?? '', /rows 21 to 40/);
  });

  it('shows by checkpoint and witness that its tail was cut off, head and all', async () => {
    await cutAfter(30);
    const inside = await verify(db.pool);
    assert.deepEqual([inside.fault?.chainSeq, inside.fault?.proof], [31, 'checkpoint']);
    await db.admin.query('delete from audit_checkpoints where chain_seq > 30');
    assert.equal(verdict(await verify(db.pool)), 'intact, 30 rows', 'nothing tells without a proof');
    const witnessed = await verify(db.pool, null, null, witnesses);
    assert.deepEqual([witnessed.fault?.chainSeq, witnessed.fault?.proof], [31, 'witness']);
    assert.equal(witnessed.fault?.problem, 'The rows 31 to 58 are missing.');
    const offline = await verifyOffline({ checkpoints: outside });
    assert.deepEqual([offline.fault?.chainSeq, offline.fault?.proof], [31, 'checkpoint']);
  });

  it('names a checkpoint or a signer that was altered', async () => {
    await db.admin.query('update audit_checkpoints set hash = sha256(hash) where chain_seq = 40');
    assert.match(verdict(await verify(db.pool)), /^40: The checkpoint of row 40 is not what .* signed/);
    await db.admin.query('update audit_signers set public_key = sha256(public_key)');
    const { fault } = await verify(db.pool);
    assert.match(fault?.problem ?? '', /a public key that is not its own/);
  });

  async function rows(): Promise<ChainRow[]> {
    const found = await db.admin.query<EventRecord>(
      `select ${ROW_COLUMNS} from audit_events as e order by chain_seq`,
    );
    return found.rows.map(rowOf);
  }

  const checkpoints = () =>
    readCheckpoints(db.admin, { after: 0, last: Number.MAX_SAFE_INTEGER, limit: 1000 });

  /** As whoever holds an export, our public key, and what was kept elsewhere. */
  async function verifyOffline(proofs: VerifyExportOptions): Promise<ExportReport> {
    const [all, signed, signers] = await Promise.all([rows(), checkpoints(), readSigners(db.admin)]);
    const head = await db.admin.query('select log_id from audit_head');
    const header = {
      ...{ type: 'header', version: 1, log_id: head.rows[0].log_id, from_chain_seq: 1 },
      ...{ to_chain_seq: all.length, is_selection: false, previous_hash: '00'.repeat(32), base: null },
    };
    const records = [
      header,
      ...signers.map(signerRecordOf),
      ...all.flatMap((row) => [
        eventRecordOf(row),
        ...signed
          .filter(({ chainSeq }) => chainSeq === row.chainSeq)
          .map((one) => ({ type: 'checkpoint', ...checkpointJsonOf(one) })),
      ]),
      { type: 'end', rows: all.length },
    ];
    const lines = Readable.from(records.map((record) => JSON.stringify(record)));
    return verifyExport(lines, { pinned: OURS.publicKeys, ...proofs });
  }

  /** With another reason in each row from `from` on, so that everything fits, the head too. */
  async function rebuild(from: number): Promise<void> {
    const all = await rows();
    let last = all[from - 2] ?? EMPTY_CHAIN;
    for (const row of all.slice(from - 1)) {
      const body = row.body.replace('"reason":null', '"reason":"rewritten"');
      const hash = chainHash(last.hash, body);
      await db.admin.query(
        'update audit_events set body = $2, previous_hash = $3, hash = $4 where chain_seq = $1',
        [row.chainSeq, body, last.hash, hash],
      );
      last = { chainSeq: row.chainSeq, hash };
    }
    await db.admin.query('update audit_head set hash = $1', [last.hash]);
  }

  /** With a key of their own. */
  async function signAnew(): Promise<void> {
    const all = await rows();
    const { publicKey } = THEIRS.current;
    await db.admin.query('delete from audit_checkpoints; delete from audit_signers');
    await db.admin.query(
      `insert into audit_signers (signer_number, signer_id, public_key, since_chain_seq) values (1, $1, $2, 0)`,
      [signerIdOf(publicKey), publicKey],
    );
    const [{ logId }] = outside as [Checkpoint];
    for (const chainSeq of [...SIGNED, ROWS]) {
      const head = all[chainSeq - 1] as ChainRow;
      const forged = signCheckpoint(THEIRS.current, { logId, head, signedAt: new Date() });
      await db.admin.query(
        `insert into audit_checkpoints (chain_seq, hash, signed_at, signer_id, signature) values ($1, $2, $3, $4, $5)`,
        [chainSeq, forged.hash, forged.signedAt, forged.signerId, forged.signature],
      );
    }
  }

  async function cutAfter(chainSeq: number): Promise<void> {
    await db.admin.query('delete from personal_values where chain_seq > $1', [chainSeq]);
    await db.admin.query('delete from audit_events where chain_seq > $1', [chainSeq]);
    await db.admin.query(
      'update audit_head as h set chain_seq = e.chain_seq, hash = e.hash from audit_events as e where e.chain_seq = $1',
      [chainSeq],
    );
  }
});
