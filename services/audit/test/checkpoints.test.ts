import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Checkpoint, parseCheckpointLine, Signers } from '@hokusai/audit-chain';
import { eventually } from '@hokusai/testing';
import { signNext } from '../src/application/sign-checkpoint.ts';
import { startCheckpoints } from '../src/checkpoints.ts';
import type { CheckpointSink } from '../src/domain/checkpoint-ports.ts';
import { bucketSink } from '../src/sinks/bucket.ts';
import { directorySink } from '../src/sinks/directory.ts';
import { createCheckpointStore, readCheckpoints, readSigners } from '../src/storage/checkpoints.ts';
import { type AuditDatabase, appenderOn, openAuditDatabase, silent } from './support/audit-database.ts';
import { incomingOf } from './support/audit-events.ts';
import { startObjectStore } from './support/object-store.ts';
import { ringOf, seedOf } from './support/signing-rings.ts';

const RING = ringOf(`a:${seedOf(1)}`);
const NOW = Date.parse('2025-01-31T23:59:59.500Z');

describe('checkpoints', function () {
  this.timeout(120_000);
  let db: AuditDatabase;
  let folder: string;

  beforeEach(async () => {
    [db, folder] = await Promise.all([openAuditDatabase(), mkdtemp(join(tmpdir(), 'hokusai-checkpoints-'))]);
  });
  afterEach(() => Promise.all([db.close(), rm(folder, { recursive: true })]));

  const append = (count = 1) => appenderOn(db.pool).append(Array.from({ length: count }, () => incomingOf()));
  const sign = (ring = RING, now = NOW) => signNext(createCheckpointStore(db.pool), ring, () => now);
  const deliver = (sink: CheckpointSink) => createCheckpointStore(db.pool).deliver(sink.name, sink.store);
  const stored = () => readCheckpoints(db.pool, { after: 0, last: Number.MAX_SAFE_INTEGER, limit: 1000 });

  async function signersOf(checkpoint: Checkpoint, pinned: readonly Uint8Array[]): Promise<Signers> {
    const signers = new Signers(checkpoint.logId, pinned);
    for (const signer of await readSigners(db.pool)) assert.equal(signers.add(signer), undefined);
    return signers;
  }

  it('are signed of the head, where it has moved', async () => {
    assert.equal((await sign()).kind, 'unchanged');
    await append(3);
    const outcome = await sign();
    assert.deepEqual([outcome.kind, outcome.kind === 'signed' && outcome.checkpoint.chainSeq], ['signed', 3]);
    assert.equal((await sign()).kind, 'unchanged');
    const [checkpoint] = (await stored()) as [Checkpoint];
    assert.equal((await signersOf(checkpoint, RING.publicKeys)).problemOf(checkpoint), undefined);
    const { rows } = await db.pool.query('select hash from audit_events where chain_seq = 3');
    assert.deepEqual(checkpoint.hash, rows[0].hash);
  });

  it('are signed once by however many replicas', async () => {
    await append();
    const outcomes = await Promise.all([sign(), sign(), sign()]);
    assert.equal(outcomes.filter(({ kind }) => kind === 'signed').length, 1);
    assert.equal((await stored()).length, 1);
  });

  it('of a new key begin with an endorsement by the former one, while its seed is there', async () => {
    await append();
    await sign();
    await append();
    const next = ringOf(`b:${seedOf(2)},a:${seedOf(1)}`);
    const outcome = await sign(next);
    assert.ok(
      outcome.kind === 'signed' && outcome.newSigner?.endorsement?.signerId === RING.current.signerId,
    );
    await append();
    const unknown = await sign(ringOf(`c:${seedOf(3)}`));
    assert.match(unknown.kind === 'refused' ? unknown.problem : '', /is not in AUDIT_SIGNING_KEYS/);
    const publicKey = Buffer.from(next.current.publicKey).toString('base64url');
    const lost = ringOf(`c:${seedOf(3)},b:public:${publicKey}`);
    const withoutFormer = await sign(lost);
    assert.ok(withoutFormer.kind === 'signed' && withoutFormer.newSigner?.endorsement === null);
    const all = await stored();
    const signers = await signersOf(all[0] as Checkpoint, [RING.current.publicKey]);
    assert.deepEqual(
      all.map((one) => [one.chainSeq, signers.problemOf(one), signers.trustIn(one.signerId)]),
      [
        [1, undefined, 'pinned'],
        [2, undefined, 'endorsed'],
        [3, undefined, 'unpinned'],
      ],
    );
    assert.deepEqual(
      (await readSigners(db.pool)).map(({ sinceChainSeq }) => sinceChainSeq),
      [0, 2, 3],
    );
  });

  for (const [what, change] of Object.entries({
    'whose signed row was replaced': 'update audit_events set hash = sha256(hash) where chain_seq = 2',
    'whose row after the signed one was chained to another':
      'update audit_events set previous_hash = sha256(hash) where chain_seq = 3',
    'whose signed row was deleted': 'delete from audit_events where chain_seq in (2, 3)',
    'whose end was cut off':
      'delete from audit_events where chain_seq > 1; update audit_head set chain_seq = 1',
  }))
    it(`are refused of a log ${what}`, async () => {
      await append(2);
      await sign();
      await append(2);
      await db.admin.query(
        `alter table audit_events disable trigger all; alter table audit_head disable trigger all; ${change}`,
      );
      const outcome = await sign();
      assert.ok(outcome.kind === 'refused', outcome.kind);
      assert.match(outcome.problem, /cut off|missing|rewritten/);
      assert.equal((await stored()).length, 1);
    });

  const OPEN =
    'alter table audit_checkpoints disable trigger user; alter table audit_signers disable trigger user;';
  const REWRITTEN =
    "alter table audit_events disable trigger user; update audit_events set body = replace(body, 'notebook', 'else');";
  const WITHOUT_CHECKPOINTS = `${OPEN} ${REWRITTEN} delete from audit_checkpoints;`;
  for (const [what, change, says] of [
    ['whose checkpoints were deleted', WITHOUT_CHECKPOINTS, /nothing that they signed is there/],
    [
      'whose checkpoints and signers were deleted',
      `${WITHOUT_CHECKPOINTS} delete from audit_signers`,
      /taken to directory:.*checkpoints were deleted/,
    ],
    [
      'whose last checkpoint was deleted',
      `${OPEN} delete from audit_checkpoints where chain_seq = 4`,
      /row 4 .*taken to directory:.*row 2/,
    ],
    [
      'whose last checkpoint was altered',
      `${OPEN} update audit_checkpoints set signed_at = signed_at - interval '1 hour'`,
      /row 4 is not what/,
    ],
    ['whose mark was moved on', 'update audit_checkpoint_sinks set chain_seq = 9e15', /note was changed/],
  ] as const)
    it(`are refused of a log ${what}, head and rows as they should be`, async () => {
      for (const _ of [1, 2]) {
        await append(2);
        await sign();
      }
      await deliver(directorySink(folder));
      await db.admin.query(change);
      await append();
      const before = (await stored()).length;
      const outcome = await sign();
      assert.match(outcome.kind === 'refused' ? outcome.problem : outcome.kind, says);
      assert.equal((await stored()).length, before);
    });

  it('are refused of a log that a place outside contradicts, or the process itself, until it ends', async () => {
    await append(4);
    await sign();
    const sink = directorySink(folder);
    await deliver(sink);
    const { chainSeq } = (await stored())[0] as Checkpoint;
    const forget = `${WITHOUT_CHECKPOINTS} delete from audit_signers; delete from audit_checkpoint_sinks`;
    const first = start([]);
    await eventually(async () => assert.equal(await signedUpTo(), chainSeq));
    await append();
    await eventually(async () => assert.equal(await signedUpTo(), 5));
    await db.admin.query(forget);
    await eventually(async () =>
      assert.match(first.alarm() ?? '', /this process has the checkpoint of row 5/),
    );
    await db.admin.query('alter table audit_checkpoints enable trigger user');
    await append();
    await first.close();
    assert.equal(await signedUpTo(), 0);
    assert.match(first.alarm() ?? '', /checkpoints were deleted/);

    const second = start([sink]);
    await eventually(async () =>
      assert.match(second.alarm() ?? '', /directory:.* has the checkpoint of row 4/),
    );
    await second.close();
    assert.equal(await signedUpTo(), 0);
  });

  it('raise an alarm where a place outside has not had one for a minute', async () => {
    await append();
    await sign();
    let isAway = true;
    const sink = directorySink(folder);
    let now = NOW + 59_000;
    const clock = { now: () => now, monotonic: () => 0 };
    const store = async (some: readonly Checkpoint[]) => {
      if (isAway) throw new Error('away');
      await sink.store(some);
    };
    const checkpoints = start([{ ...sink, store }], clock);
    await eventually(async () => {
      const { rows } = await db.pool.query('select count(*)::int as n from audit_checkpoints');
      assert.equal(rows[0].n, 1);
    });
    assert.equal(checkpoints.alarm(), undefined);
    now = NOW + 61_000;
    await eventually(async () =>
      assert.match(checkpoints.alarm() ?? '', /2025-01-31T23:59:59.500Z are not in directory/),
    );
    isAway = false;
    await eventually(async () => assert.equal(checkpoints.alarm(), undefined), { timeoutMs: 15_000 });
    await checkpoints.close();
  });

  it('go out while nothing of the database is held, and not all again after an error', async () => {
    for (let index = 0; index < 45; index++) {
      await append();
      await sign();
    }
    const taken: number[] = [];
    const away = async (some: readonly Checkpoint[]) => {
      const { rows } = await db.admin.query(
        `select count(*)::int as n from pg_stat_activity
         where datname = current_database() and state like 'idle in transaction%'`,
      );
      assert.equal(rows[0].n, 0);
      if (taken.length >= 40) throw new Error('away');
      taken.push(...some.map(({ chainSeq }) => chainSeq));
    };
    const store = createCheckpointStore(db.pool);
    assert.equal(await store.deliver('slow', away), true);
    assert.equal(await store.deliver('slow', away), true);
    await assert.rejects(store.deliver('slow', away), /away/);
    assert.equal(
      await store.deliver('slow', async (some) => void taken.push(...some.map((one) => one.chainSeq))),
      false,
    );
    assert.deepEqual(
      taken,
      Array.from({ length: 45 }, (_, index) => index + 1),
    );
  });

  it('go to a directory, a file per month, and nowhere twice', async () => {
    const sink = directorySink(join(folder, 'made', 'here'));
    await append();
    await sign();
    await append();
    await sign(RING, NOW + 1000);
    await deliver(sink);
    await append();
    await sign(RING, NOW + 2000);
    await deliver(sink);
    await deliver(sink);
    const files = (await readdir(join(folder, 'made', 'here'))).sort();
    assert.deepEqual(files, ['checkpoints-2025-01.jsonl', 'checkpoints-2025-02.jsonl']);
    const lines = await Promise.all(files.map((file) => linesIn(join(folder, 'made', 'here', file))));
    assert.deepEqual(
      lines.map((some) => some.map((line) => parseCheckpointLine(line)?.chainSeq)),
      [[1], [2, 3]],
    );
    assert.deepEqual(parseCheckpointLine(lines[1]?.[1] ?? ''), (await stored())[2]);
    const { mode } = await stat(join(folder, 'made', 'here', files[0] as string));
    assert.equal(mode & 0o777, 0o600);
  });

  it('stand behind what a crash has left of a line', async () => {
    const path = join(folder, 'checkpoints-2025-01.jsonl');
    await writeFile(path, '{"type":"hokusai.au');
    await append();
    await sign();
    await deliver(directorySink(folder));
    assert.deepEqual(
      (await linesIn(path)).map((line) => parseCheckpointLine(line)?.chainSeq),
      [undefined, 1],
    );
  });

  it('go to an object store, signed, once each, and after an outage in their order', async () => {
    const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret/+=', region: 'eu-central-1' };
    const objects = await startObjectStore(credentials);
    try {
      const sink = bucketSink({ url: `${objects.url}/`, ...credentials });
      await append();
      await sign();
      objects.outage = 503;
      await assert.rejects(deliver(sink), /PUT .*0001\.json with 503 SlowDown/);
      await append();
      await sign();
      objects.outage = undefined;
      await deliver(sink);
      const [first, second] = (await stored()) as [Checkpoint, Checkpoint];
      const base = new URL(objects.url).pathname;
      assert.deepEqual(
        [...objects.objects.keys()],
        [1, 2].map((seq) => `${base}/${first.logId}/000000000000000${seq}.json`),
      );
      assert.deepEqual(
        [...objects.objects.values()].map((text) => parseCheckpointLine(text)),
        [first, second],
      );

      // As after an answer that was lost: it is there, and is the same.
      await db.admin.query('delete from audit_checkpoint_sinks');
      await deliver(sink);
      assert.equal(await deliver(sink), false);
      await db.admin.query('delete from audit_checkpoint_sinks');
      objects.objects.set(`${base}/${first.logId}/0000000000000001.json`, 'another');
      await assert.rejects(deliver(sink), /is another one/);

      const stranger = bucketSink({ url: objects.url, ...credentials, secretAccessKey: 'other' });
      await assert.rejects(deliver({ ...stranger, name: 'other' }), /403 SignatureDoesNotMatch/);
    } finally {
      await objects.close();
    }
  });

  it('are signed and taken out once more at the end', async () => {
    const checkpoints = startCheckpoints({
      store: createCheckpointStore(db.pool),
      ring: RING,
      sinks: [directorySink(folder)],
      intervalMs: 3_600_000,
      clock: { now: () => NOW, monotonic: () => 0 },
      logger: silent,
    });
    await append(5);
    await checkpoints.close();
    const lines = await linesIn(join(folder, 'checkpoints-2025-01.jsonl'));
    assert.equal(parseCheckpointLine(lines.at(-1) ?? '')?.chainSeq, 5);
    assert.equal(checkpoints.alarm(), undefined);
  });

  function start(sinks: CheckpointSink[], clock = { now: () => NOW, monotonic: () => 0 }) {
    const store = createCheckpointStore(db.pool);
    return startCheckpoints({ store, ring: RING, sinks, intervalMs: 100, clock, logger: silent });
  }

  const signedUpTo = async () => (await stored()).at(-1)?.chainSeq ?? 0;

  async function linesIn(path: string): Promise<string[]> {
    return (await readFile(path, 'utf8')).trimEnd().split('\n');
  }
});
