/** Exports: what they hold, that they prove themselves, and that their length costs no memory. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import {
  type Checkpoint,
  checkpointJsonOf,
  type ExportRecord,
  eventRecordOf,
  introduceSigner,
  signCheckpoint,
  signerRecordOf,
  signingKeyOf,
  verifyExport,
} from '@hokusai/audit-chain';
import type { Reader } from '@hokusai/contracts';
import { eventually } from '@hokusai/testing';
import type { EventFilter } from '../src/domain/access.ts';
import type { AuditReader, ExportRequest } from '../src/domain/ports.ts';
import { AuditReads } from '../src/domain/reads.ts';
import { createCheckpointStore } from '../src/storage/checkpoints.ts';
import { createAuditReader } from '../src/storage/reader.ts';
import { type AuditDatabase, appenderOn, openAuditDatabase } from './support/audit-database.ts';
import { incomingOf, KEY, NO_FILTER, USER } from './support/audit-events.ts';
import { type AuditServer, serveAudit } from './support/audit-server.ts';

const MIB = 1024 ** 2;
setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** What is still referred to: when garbage is collected depends on how busy the machine is. */
function memoryInUse(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const ADMIN: Reader = { userId: randomUUID(), isAdmin: true };
const MEMBER: Reader = { userId: USER, isAdmin: false };
const SIGNER = signingKeyOf(new Uint8Array(32).fill(3));
const ROWS = 1300;

describe('an export of the audit log', function () {
  this.timeout(120_000);
  let db: AuditDatabase;
  let reading: AuditReader;

  before(async () => {
    db = await openAuditDatabase();
    reading = createAuditReader(db.pool);
    const events = Array.from({ length: ROWS }, (_, index) =>
      incomingOf({
        action: index % 10 === 0 ? 'key.revoked' : 'key.created',
        occurred_at: new Date(Date.UTC(2025, 0, 1, 0, index)).toISOString(),
        actor: { user_id: index % 4 === 0 ? USER : randomUUID(), key_id: null, key_prefix: null, via: 'x' },
      }),
    );
    await appenderOn(db.pool).append(events);
    await sign(db, 1);
    await sign(db, 700);
    await sign(db, ROWS - 1);
  });
  after(() => db.close());

  /** As the service does, of an earlier row. */
  async function sign({ pool }: AuditDatabase, chainSeq: number): Promise<void> {
    const { rows } = await pool.query('select hash from audit_events where chain_seq = $1', [chainSeq]);
    await createCheckpointStore(pool).asSigner(async (log) => {
      const { logId } = await log.head();
      if ((await log.signers()).length === 0)
        await log.addSigner(introduceSigner(SIGNER, { logId, sinceChainSeq: 0, former: null }));
      const head = { chainSeq, hash: rows[0].hash };
      await log.addCheckpoint(signCheckpoint(SIGNER, { logId, head, signedAt: new Date() }));
    });
  }

  async function* records(asked: Partial<ExportRequest> = {}): AsyncGenerator<ExportRecord> {
    const request = { reader: ADMIN, filter: NO_FILTER, from: null, to: null, ...asked };
    const exported = await reading.export(request, new AbortController().signal);
    yield {
      type: 'header',
      version: 1,
      log_id: exported.logId,
      from_chain_seq: exported.first,
      to_chain_seq: exported.last,
      is_selection: exported.isSelection,
      previous_hash: Buffer.from(exported.previousHash).toString('hex'),
      base: exported.base && checkpointJsonOf(exported.base),
    };
    yield* exported.signers.map(signerRecordOf);
    let rows = 0;
    for await (const { row, checkpoint } of exported.parts()) {
      if (row) rows += 1;
      yield row ? eventRecordOf(row) : { type: 'checkpoint', ...checkpointJsonOf(checkpoint as Checkpoint) };
    }
    yield { type: 'end', rows };
  }

  async function* linesOf(asked?: Partial<ExportRequest>): AsyncGenerator<string> {
    for await (const record of records(asked)) yield JSON.stringify(record);
  }
  const all = (asked?: Partial<ExportRequest>) => Array.fromAsync(records(asked));
  const placeOf = (record: ExportRecord) =>
    'chain_seq' in record ? `${record.type} ${record.chain_seq}` : record.type;

  it('holds every row and checkpoint in its place, and verifies', async () => {
    const places = (await all()).map(placeOf);
    assert.equal(places.length, ROWS + 6);
    assert.deepEqual(places.slice(0, 5), ['header', 'signer', 'event 1', 'checkpoint 1', 'event 2']);
    assert.equal(places.indexOf('checkpoint 700'), places.indexOf('event 700') + 1);
    assert.deepEqual(places.slice(-3), [`checkpoint ${ROWS - 1}`, `event ${ROWS}`, 'end']);
    const report = await verifyExport(linesOf(), { pinned: [SIGNER.publicKey] });
    assert.deepEqual([report.fault, report.rowsVerified, report.checkpoints], [undefined, ROWS, 3]);
  });

  it('of a part is chained to what is before it', async () => {
    const part = { from: 600, to: 900 };
    assert.deepEqual((await all(part)).map(placeOf).slice(0, 3), ['header', 'signer', 'event 600']);
    const report = await verifyExport(linesOf(part), { upToChainSeq: part.to });
    assert.deepEqual([report.fault, report.rowsVerified, report.checkpoints], [undefined, 301, 1]);
    assert.equal((await all({ from: ROWS + 1 })).length, 3);
    await assert.rejects(all({ from: ROWS + 2 }), /ends with row 1300/);
  });

  for (const [what, reader, filter, isSelected] of [
    ['an action', ADMIN, { action: 'key.revoked' }, (row: number) => (row - 1) % 10 === 0],
    ['a member', MEMBER, {}, (row: number) => (row - 1) % 4 === 0],
    [
      'a period',
      ADMIN,
      { from: new Date('2025-01-01T01:00:00Z'), to: new Date('2025-01-01T02:00:00Z') },
      (row: number) => row > 60 && row <= 120,
    ],
  ] as [string, Reader, Partial<EventFilter>, (row: number) => boolean][])
    it(`of ${what} is a selection, whose rows fit their hashes`, async () => {
      const asked = { reader, filter: { ...NO_FILTER, ...filter } };
      const expected = Array.from({ length: ROWS }, (_, index) => index + 1).filter(isSelected);
      const found = await all(asked);
      assert.deepEqual(
        found.flatMap((record) => (record.type === 'event' ? [record.chain_seq] : [])),
        expected,
      );
      const covered = found.flatMap((record) => (record.type === 'checkpoint' ? [record.chain_seq] : []));
      assert.deepEqual(
        covered,
        [1, 700, ROWS - 1].filter((row) => expected.includes(row)),
      );
      const report = await verifyExport(linesOf(asked));
      assert.deepEqual([report.fault, report.isSelection], [undefined, true]);
    });

  it('stands as it did when it was asked for, whatever comes meanwhile', async () => {
    const open = records();
    const first = await open.next();
    await appenderOn(db.pool).append([incomingOf()]);
    await sign(db, ROWS + 1);
    const rest = await Array.fromAsync(open);
    assert.equal(first.value?.type, 'header');
    assert.deepEqual(placeOf(rest.at(-2) as ExportRecord), `event ${ROWS}`);
  });

  it('lists checkpoints, newest first', async () => {
    const first = await reading.checkpoints({ cursor: null, size: 3 });
    assert.deepEqual(
      first.checkpoints.map(({ chainSeq }) => chainSeq),
      [ROWS + 1, ROWS - 1, 700],
    );
    assert.equal(first.hasMore, true);
    const second = await reading.checkpoints({ cursor: 700, size: 3 });
    assert.deepEqual([second.checkpoints.map(({ chainSeq }) => chainSeq), second.hasMore], [[1], false]);
    assert.deepEqual(
      second.signers.map(({ signerId }) => signerId),
      [SIGNER.signerId],
    );
  });

  describe('over gRPC', () => {
    const LONG = 50_000;
    let server: AuditServer;
    let audit: AuditServer['audit'];
    let made = 0;
    let ended = 0;
    const kinds: string[] = [];
    const reader = {
      actingUserId: ADMIN.userId,
      actingKeyId: KEY,
      isAdmin: true,
      requestId: 'r',
      clientIp: '',
    };

    before(async () => {
      // Rows of 2 KiB each, chained or not.
      await db.admin.query(
        `insert into audit_events (chain_seq, event_id, previous_hash, hash, body, stored_at, occurred_at, source, action, outcome)
         select n, gen_random_uuid(), hash, hash, repeat('0123456789abcdef', 128), stored_at, occurred_at, source, action, outcome
         from audit_events cross join generate_series(${ROWS + 1}, ${LONG}) as n where chain_seq = 1
         on conflict do nothing`,
      );
      await db.admin.query(`update audit_head set chain_seq = ${LONG}`);
      const store: AuditReader = { ...reading, export: counted };
      const reads = new AuditReads({
        append: (events) => {
          kinds.push(...Array.from(events, ({ event }) => String(event.target?.id)));
          return Promise.resolve();
        },
        ...{ origin: '/hokusai/audit/test', now: Date.now, newId: randomUUID },
        ...{ after: () => () => undefined, onDelayed: () => undefined },
      });
      server = await serveAudit(db.pool, reads, store);
      ({ audit } = server);
    });
    after(() => server.close());

    /** Counts what is made of an export, and that it ends. */
    async function counted(request: ExportRequest, signal: AbortSignal) {
      const exported = await reading.export(request, signal);
      const parts = async function* () {
        try {
          for await (const part of exported.parts()) {
            made += 1;
            yield part;
          }
        } finally {
          ended += 1;
        }
      };
      return { ...exported, parts };
    }

    it('takes no more memory the longer it is', async () => {
      const memory: number[] = [];
      let [rows, last] = [0, ''];
      for await (const { event, end } of audit.read('ExportEvents', { reader })) {
        if (event) rows += 1;
        last = end?.rows ?? last;
        if (rows % 10_000 === 0) memory.push(memoryInUse());
      }
      assert.deepEqual([rows, last], [LONG, String(LONG)]);
      const growth = Math.max(...memory.slice(1)) - (memory[0] as number);
      assert.ok(growth < 32 * MIB, `${Math.round(growth / MIB)} MiB more for 80 MiB more`);
      assert.deepEqual(kinds, ['export']);
    });

    it('goes at the pace of its reader, and ends when that has gone', async () => {
      [made, ended] = [0, 0];
      let read = 0;
      for await (const _ of audit.read('ExportEvents', { reader })) {
        read += 1;
        if (read < 50) continue;
        await eventually(async () => {
          const before = made;
          await new Promise((resolve) => setTimeout(resolve, 200));
          assert.equal(made, before);
        });
        break;
      }
      assert.ok(made < 2000, `${made} rows were made for a reader of ${read}`);
      await eventually(() => assert.equal(ended, 1));
    });

    it('refuses what makes no sense, before it answers anything', async () => {
      const ask = (request: object) => audit.read('ExportEvents', { reader, ...request }).next();
      await assert.rejects(ask({ fromChainSeq: 5, toChainSeq: 4 }), { code: 'unprocessable' });
      await assert.rejects(ask({ fromChainSeq: LONG + 2 }), { code: 'unprocessable' });
      await assert.rejects(ask({ filter: { keyId: 'x' } }), { code: 'unprocessable' });
      await assert.rejects(audit.read('ExportEvents', {}).next(), { code: 'unauthenticated' });
    });
  });
});
