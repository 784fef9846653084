import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import {
  type ChainRow,
  type Checkpoint,
  chainHash,
  EMPTY_CHAIN,
  ExportFormatError,
  type ExportRecord,
  introduceSigner,
  linesOf,
  type VerifyExportOptions,
  verifyExport,
} from '../src/index.ts';
import {
  chainOf,
  checkpointsOf,
  type ExportParts,
  KEY,
  keyOf,
  LOG_ID,
  linesOfRecords,
  recordsOf,
  rowAfter,
  rowsAfter,
  SIGNERS,
} from './support/log.ts';

const PINNED = { pinned: [KEY.publicKey] };
const COUNT = 12;
const LOG = chainOf(COUNT);

const verify = (parts: ExportParts, options: VerifyExportOptions = PINNED) =>
  verifyExport(linesOfRecords(recordsOf(parts)), options);

/** As the log's header says, whatever was done to the rows. */
const header = { from_chain_seq: 1, to_chain_seq: COUNT };

/** With their own numbers again, so that each follows the one before. */
function renumbered(rows: readonly ChainRow[]): ChainRow[] {
  return rows.map((row, index) => ({ ...row, chainSeq: index + 1 }));
}

/** The row with another body, and a hash that fits it. */
function forged(row: ChainRow): ChainRow {
  const body = row.body.replace('as planned', 'as forged');
  return { ...row, body, hash: chainHash(row.previousHash, body) };
}

/** What is done to row `at`. The first bad row is `at`, or where the chain stops fitting: the one after it. */
const CHANGES: Record<string, (rows: ChainRow[], at: number) => ChainRow[]> = {
  'an altered body': (rows, at) =>
    rows.with(at - 1, { ...row(rows, at), body: row(rows, at).body.replace('planned', 'altered') }),
  'a body altered with its hash': (rows, at) => rows.with(at - 1, forged(row(rows, at))),
  'an altered hash': (rows, at) => rows.with(at - 1, { ...row(rows, at), hash: new Uint8Array(32) }),
  'an altered event id': (rows, at) =>
    rows.with(at - 1, { ...row(rows, at), eventId: '00000000-0000-4000-8000-ffffffffffff' }),
  'an altered personal value': (rows, at) =>
    rows.with(at - 1, {
      ...row(rows, at),
      personal: row(rows, at).personal.map((one) => ({ ...one, value: 'someone else' })),
    }),
  'a deleted row': (rows, at) => rows.toSpliced(at - 1, 1),
  'a deleted row whose successors moved up': (rows, at) => renumbered(rows.toSpliced(at - 1, 1)),
  'an inserted row': (rows, at) =>
    renumbered(rows.toSpliced(at - 1, 0, rowAfter(rows[at - 2] ?? EMPTY_CHAIN, { reason: 'inserted' }))),
  'a row twice': (rows, at) => rows.toSpliced(at - 1, 0, row(rows, at)),
  'two rows exchanged': (rows, at) => rows.with(at - 1, row(rows, at + 1)).with(at, row(rows, at)),
  'two rows exchanged and renumbered': (rows, at) =>
    renumbered(rows.with(at - 1, row(rows, at + 1)).with(at, row(rows, at))),
  'the tail cut off': (rows, at) => rows.slice(0, at - 1),
};

function row(rows: readonly ChainRow[], chainSeq: number): ChainRow {
  return rows[chainSeq - 1] as ChainRow;
}

describe('verifying an export', () => {
  const anyRow = fc.integer({ min: 1, max: COUNT - 1 });

  it('finds nothing wrong with a log, and says what proves it', async () => {
    const report = await verify({ rows: LOG, checkpoints: checkpointsOf(LOG, [4, COUNT]) });
    assert.equal(report.fault, undefined);
    assert.deepEqual(
      [report.rowsVerified, report.toChainSeq, report.checkpoints, report.lastTrustedCheckpoint],
      [COUNT, COUNT, 2, COUNT],
    );
    assert.deepEqual(report.unproven, []);
  });

  for (const [what, change] of Object.entries(CHANGES))
    it(`names the first bad row: ${what}`, () =>
      fc.assert(
        fc.asyncProperty(anyRow, async (at) => {
          const { fault } = await verify({ rows: change(LOG, at), header });
          assert.ok(fault, 'nothing was found');
          const isSeenAtTheNext = /inserted|twice|moved/.test(what) && fault.chainSeq === at + 1;
          assert.ok(fault.chainSeq === at || isSeenAtTheNext, `${fault.chainSeq}: ${fault.problem}`);
        }),
      ));

  it('finds a log that was rebuilt from some row on, by each kind of proof', () =>
    fc.assert(
      fc.asyncProperty(anyRow, fc.integer({ min: 1, max: COUNT }), async (from, proven) => {
        const rows = rebuilt(from);
        const honest = from > proven;
        const inside = await verify({ rows, checkpoints: checkpointsOf(LOG, [proven]) });
        const outside = await verify({ rows }, { ...PINNED, checkpoints: checkpointsOf(LOG, [proven]) });
        const witnessed = await verify({ rows }, { ...PINNED, witnesses: [row(LOG, proven)] });
        const faults = [inside, outside, witnessed].map(
          ({ fault }) => fault && [fault.proof, fault.chainSeq],
        );
        assert.deepEqual(
          faults,
          honest
            ? [undefined, undefined, undefined]
            : [
                ['checkpoint', proven],
                ['checkpoint', proven],
                ['witness', proven],
              ],
        );
      }),
    ));

  it('names the very row from which on it was rebuilt where every row has a witness', () =>
    fc.assert(
      fc.asyncProperty(anyRow, async (from) => {
        const { fault } = await verify({ rows: rebuilt(from) }, { ...PINNED, witnesses: LOG });
        assert.equal(fault?.chainSeq, from);
      }),
    ));

  it('finds a tail that was cut off together with the head', () =>
    fc.assert(
      fc.asyncProperty(anyRow, async (last) => {
        const rows = LOG.slice(0, last);
        assert.equal((await verify({ rows })).fault, undefined, 'nothing tells without a proof');
        for (const proofs of [{ checkpoints: checkpointsOf(LOG, [COUNT]) }, { witnesses: LOG }]) {
          const { fault } = await verify({ rows }, { ...PINNED, ...proofs });
          assert.equal(fault?.chainSeq, last + 1);
          assert.equal(fault.proof, 'witnesses' in proofs ? 'witness' : 'checkpoint');
          const upTo = (upToChainSeq: number) => verify({ rows }, { ...PINNED, ...proofs, upToChainSeq });
          assert.equal((await upTo(last)).fault, undefined);
          // Asked for up to beyond the cut: the log ends before.
          assert.equal((await upTo(COUNT)).fault?.chainSeq, last + 1);
          const older = await verify({ rows }, { ...PINNED, ...proofs, isOlder: true });
          assert.equal(older.fault, undefined);
          const later = older.unproven.find(({ code }) => code === 'later_rows');
          assert.match(later?.message ?? '', new RegExp(`ends with row ${last}, and a proof knows of row`));
        }
      }),
    ));

  /** By who knows how the chain is made. */
  function rebuilt(from: number): ChainRow[] {
    const before = LOG.slice(0, from - 1);
    return [...before, ...rowsAfter(before.at(-1) ?? EMPTY_CHAIN, COUNT - from + 1, { reason: 'rebuilt' })];
  }
});

describe('an export', () => {
  it('tells that it breaks off, wherever it does', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: COUNT + 1 }), fc.boolean(), async (kept, isWithinLine) => {
        const lines = recordsOf({ rows: LOG }).map((record) => JSON.stringify(record));
        const text = `${lines.slice(0, kept + 1).join('\n')}\n${isWithinLine ? lines[kept + 1]?.slice(0, 10) : ''}`;
        const { fault } = await verifyExport(linesOf(Readable.from([Buffer.from(text)])));
        assert.deepEqual([fault?.chainSeq, fault?.proof], [kept, 'export']);
      }),
    ));

  it('has as many rows as its end says, up to the one that its header says', async () => {
    const records = recordsOf({ rows: LOG });
    const report = (changed: ExportRecord[]) => verifyExport(linesOfRecords(changed));
    assert.match((await report(records.with(-1, { type: 'end', rows: 3 }))).fault?.problem ?? '', /3 rows/);
    const short = await verify({ rows: LOG.slice(0, 5), header: { to_chain_seq: 7 } });
    assert.equal(short.fault?.problem, 'The rows 6 to 7 are missing.');
    const long = await verify({ rows: LOG, header: { to_chain_seq: 7 } });
    assert.equal(long.fault?.chainSeq, 8);
  });

  it('of a selection shows what it can, and says what it can not', async () => {
    const rows = LOG.filter(({ chainSeq }) => chainSeq % 3 === 0);
    const selection = { ...header, is_selection: true };
    const report = await verify({ rows, header: selection }, { ...PINNED, witnesses: LOG });
    assert.deepEqual([report.fault, report.rowsVerified, report.witnesses], [undefined, 4, 4]);
    assert.deepEqual(
      report.unproven.map(({ code }) => code),
      ['selection', 'no_checkpoint'],
    );
    assert.match(report.unproven[0]?.message ?? '', /4 of its 4 rows lead to/);
    const altered = rows.with(2, forged(rows[2] as ChainRow));
    assert.equal((await verify({ rows: altered, header: selection })).fault, undefined);
    const { fault } = await verify({ rows: altered, header: selection }, { ...PINNED, witnesses: LOG });
    assert.deepEqual([fault?.chainSeq, fault?.proof], [9, 'witness']);
  });

  it('of a selection counts only the rows that lead to a proof', async () => {
    const [, second, , , , , seventh, eighth, ninth] = LOG as [ChainRow, ...ChainRow[]];
    const [invented] = rowsAfter({ chainSeq: 3, hash: new Uint8Array(32).fill(7) }, 1);
    const rows = [second, invented, seventh, eighth, ninth].filter((one) => one !== undefined);
    const selection = { ...header, is_selection: true };
    const checkpoints = checkpointsOf(LOG, [8]);
    const report = await verify({ rows, header: selection, checkpoints });
    assert.deepEqual([report.fault, report.rowsVerified, report.rowsBound], [undefined, 5, 2]);
    assert.match(report.unproven[0]?.message ?? '', /2 of its 5 rows/);
    assert.equal((await verify({ rows, header: selection, checkpoints }, {})).rowsBound, 0);
  });

  it('names a hash before that is none', async () => {
    const body = ` ${row(LOG, 5).body}`;
    const previousHash = row(LOG, 4).hash.subarray(0, 31);
    // The same bytes, divided otherwise.
    const short = { ...row(LOG, 5), body, hash: chainHash(previousHash, body) };
    const selection = { ...header, is_selection: true, previous_hash: '00'.repeat(32) };
    const records = recordsOf({ rows: [short], header: selection }).map((record) =>
      record.type === 'event'
        ? { ...record, previous_hash: `${Buffer.from(previousHash).toString('hex')}zz` }
        : record,
    );
    const { fault } = await verifyExport(linesOfRecords(records), PINNED);
    assert.equal(fault?.chainSeq, 5);
  });

  it('of a part begins with the row before it, which a proof can know', async () => {
    const rows = LOG.slice(6);
    const proofs = { ...PINNED, checkpoints: checkpointsOf(LOG, [6, 7, COUNT]) };
    const report = await verify({ rows }, proofs);
    assert.deepEqual([report.fault, report.checkpoints], [undefined, 3]);
    const both = await verify({ rows, checkpoints: checkpointsOf(LOG, [7, COUNT]) }, proofs);
    assert.equal(both.checkpoints, 3, 'the same ones, in the log and outside of it');
    assert.deepEqual(
      report.unproven.map(({ code }) => code),
      ['begins_later'],
    );
    const other = { from_chain_seq: 7, previous_hash: '00'.repeat(32) };
    assert.equal((await verify({ rows, header: other }, proofs)).fault?.chainSeq, 6);
  });

  it('of a pruned log begins with its base', async () => {
    const rows = LOG.slice(6);
    const [base] = recordsOf({ rows: LOG, checkpoints: checkpointsOf(LOG, [6]) }).filter(
      (record) => record.type === 'checkpoint',
    );
    assert.ok(base);
    const report = await verify({ rows, header: { base } });
    assert.deepEqual([report.fault, report.lastTrustedCheckpoint], [undefined, 6]);
    assert.deepEqual(
      report.unproven.map(({ code }) => code),
      ['after_last_checkpoint'],
    );
    const later = await verify({ rows: LOG.slice(3), header: { base } });
    assert.deepEqual([later.fault?.chainSeq, later.fault?.proof], [4, 'export']);
    const forgery = {
      ...base,
      signature: base.signature.replace(/^./, (first) => (first === 'A' ? 'B' : 'A')),
    };
    assert.equal((await verify({ rows, header: { base: forgery } })).fault?.proof, 'checkpoint');
  });

  it('names checkpoints that are forged, of another log, or of no known signer', async () => {
    const [good] = checkpointsOf(LOG, [5]) as [Checkpoint];
    const otherLog = { ...good, logId: LOG_ID.replace('9', '8') };
    for (const checkpoint of [
      { ...good, signature: Buffer.alloc(64) },
      otherLog,
      ...checkpointsOf(LOG, [5], keyOf(9)),
    ]) {
      const { fault } = await verify({ rows: LOG, checkpoints: [checkpoint] });
      assert.deepEqual([fault?.chainSeq, fault?.proof], [5, 'checkpoint']);
    }
  });

  it('says whose key has to be known, and goes by endorsements', async () => {
    const next = keyOf(2);
    const signers = [...SIGNERS, introduceSigner(next, { logId: LOG_ID, sinceChainSeq: 5, former: KEY })];
    const parts = {
      rows: LOG,
      signers,
      checkpoints: [...checkpointsOf(LOG, [5]), ...checkpointsOf(LOG, [COUNT], next)],
    };
    const trusts = async (pinned: Uint8Array[]) => {
      const report = await verify(parts, { pinned });
      assert.equal(report.fault, undefined);
      return [report.lastTrustedCheckpoint, report.unproven.map(({ code }) => code)];
    };
    assert.deepEqual(await trusts([KEY.publicKey]), [COUNT, []]);
    assert.deepEqual(await trusts([next.publicKey]), [COUNT, []]);
    assert.deepEqual(await trusts([]), [null, ['unpinned_signer']]);
    assert.deepEqual(await trusts([keyOf(7).publicKey]), [null, ['unpinned_signer']]);
  });

  it('says from which row on only a signer that nobody knows has signed', async () => {
    const genuine = LOG.slice(0, 5);
    const rows = [...genuine, ...rowsAfter(row(LOG, 5), 5, { reason: 'forged' })];
    const other = keyOf(9);
    const signers = [...SIGNERS, introduceSigner(other, { logId: LOG_ID, sinceChainSeq: 5, former: null })];
    const checkpoints = [...checkpointsOf(rows, [5]), ...checkpointsOf(rows, [10], other)];
    const report = await verify({ rows, signers, checkpoints });
    assert.deepEqual([report.fault, report.lastTrustedCheckpoint, report.rowsBound], [undefined, 5, 5]);
    assert.deepEqual(
      report.unproven.map(({ code }) => code),
      ['unpinned_signer'],
    );
    assert.match(report.unproven[0]?.message ?? '', new RegExp(`^After row 5 .*${other.signerId}`));
  });

  it('takes a signer for what it signed in its time', async () => {
    const next = keyOf(2);
    const signers = [...SIGNERS, introduceSigner(next, { logId: LOG_ID, sinceChainSeq: 8, former: KEY })];
    const early = await verify({ rows: LOG, signers, checkpoints: checkpointsOf(LOG, [3], next) });
    assert.deepEqual([early.fault?.chainSeq, early.fault?.proof], [3, 'checkpoint']);
    assert.match(early.fault?.problem ?? '', /began to sign with row 8/);
    // With the key of the former one, which somebody may have got hold of.
    const checkpoints = [...checkpointsOf(LOG, [8]), ...checkpointsOf(LOG, [COUNT])];
    const late = await verify({ rows: LOG, signers, checkpoints });
    assert.deepEqual([late.fault, late.lastCheckpoint, late.lastTrustedCheckpoint], [undefined, COUNT, 8]);
    assert.match(late.unproven[0]?.message ?? '', /^After row 8 .*former signer/);
    // A successor that nobody knows ends nothing.
    const stranger = introduceSigner(next, { logId: LOG_ID, sinceChainSeq: 8, former: null });
    const goesOn = await verify({ rows: LOG, signers: [...SIGNERS, stranger], checkpoints });
    assert.equal(goesOn.lastTrustedCheckpoint, COUNT);
  });

  it('counts the personal values that are not in it', async () => {
    const checkpoints = checkpointsOf(LOG, [COUNT]);
    assert.equal((await verify({ rows: LOG, checkpoints })).erasedValues, 0);
    const first = row(LOG, 1);
    const erased = LOG.with(0, { ...first, personal: first.personal.slice(1) }).with(4, {
      ...row(LOG, 5),
      personal: [],
    });
    const report = await verify({ rows: erased, checkpoints });
    assert.deepEqual([report.fault, report.erasedValues, report.unproven], [undefined, 3, []]);
  });

  it('is refused where it is none', async () => {
    const refused = (lines: string[], problem: RegExp) =>
      assert.rejects(
        verifyExport(Readable.from(lines)),
        (error) => error instanceof ExportFormatError && problem.test(error.message),
      );
    const lines = recordsOf({ rows: LOG }).map((record) => JSON.stringify(record));
    await refused([], /no header/);
    await refused(['{"data":[]}'], /Line 1/);
    await refused(lines.with(4, 'x'), /Line 5 .*no JSON/);
    await refused(lines.with(4, '{"type":"event"}'), /Line 5 .*chain_seq/);
    await refused(lines.with(4, lines[0] as string), /Line 5 .*header/);
    await refused([...lines, '{}'], /followed by more/);
  });

  it('takes proofs in their order only', () =>
    assert.rejects(verify({ rows: LOG }, { witnesses: LOG.toReversed() }), RangeError));
});
