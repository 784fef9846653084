/** What the commands about the audit log ask the gateway for, how they show what it answers, and what they verify. */
import assert from 'node:assert/strict';
import { appendFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { checkpointLineOf, type ExportRecord } from '@hokusai/audit-chain';
import {
  chainOf,
  checkpointsOf,
  KEY,
  keyOf,
  LOG_ID,
  recordsOf,
  rowsAfter,
} from '@hokusai/audit-chain/testing';
import { eventually } from '@hokusai/testing';
import { ended, hokusai, start, temporaryFolder } from './support/command.ts';
import {
  answer,
  drop,
  type FakeGateway,
  problem,
  type Reply,
  startFakeGateway,
} from './support/fake-gateway.ts';
import { auditEventJson, CALLER_KEY, KEY_ID, USER_ID } from './support/samples.ts';

const JSON_LINES = { 'content-type': 'application/jsonl' };
const PUBLIC_KEY = Buffer.from(KEY.publicKey).toString('base64url');
const ROWS = chainOf(9);
const CHECKPOINTS = checkpointsOf(ROWS, [4, 9]);
const RECORDS = recordsOf({ rows: ROWS, checkpoints: CHECKPOINTS });
const WITNESSES = ROWS.filter(({ chainSeq }) => chainSeq % 3 === 0).map(({ chainSeq, hash }) => ({
  chain_seq: chainSeq,
  hash: Buffer.from(hash).toString('hex'),
}));

const linesOf = (records: readonly object[]) =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');

/** With one record changed. */
function changed(row: number, change: (record: Extract<ExportRecord, { type: 'event' }>) => object) {
  return RECORDS.map((record) =>
    record.type === 'event' && record.chain_seq === row ? change(record) : record,
  );
}

describe('hokusai audit', () => {
  let gateway: FakeGateway;
  let env: Record<string, string>;
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let exported: string;
  let witnesses: object[];
  before(async () => {
    [gateway, folder] = [await startFakeGateway(), await temporaryFolder()];
    env = { HOKUSAI_API_URL: gateway.url, HOKUSAI_API_KEY: CALLER_KEY };
  });
  beforeEach(() => {
    gateway.asked.length = 0;
    [exported, witnesses] = [linesOf(RECORDS), WITNESSES];
    gateway.reply(whateverIsAsked);
  });
  after(async () => {
    await gateway.close();
    await folder.remove();
  });

  const ANSWERS: Readonly<Record<string, () => Reply>> = {
    events: () => answer(200, { data: [auditEventJson()], next_cursor: null }),
    [`events/${KEY_ID}`]: () => answer(200, auditEventJson()),
    export: () => answer(200, exported, JSON_LINES),
    witnesses: () => answer(200, { data: witnesses, next_cursor: null }),
  };
  const whateverIsAsked: Reply = (asked, response) => {
    const path = new URL(asked.url, gateway.url).pathname.replace('/api/v1/audit/', '');
    (ANSWERS[path]?.() ?? answer(404, {}))(asked, response);
  };
  const audit = (...args: string[]) => hokusai(['audit', ...args], { env });
  const asked = () =>
    gateway.asked.map(({ method, url }) => {
      const { pathname, searchParams } = new URL(url, gateway.url);
      return [method, pathname.replace('/api/v1/audit/', ''), Object.fromEntries(searchParams)] as const;
    });
  async function file(name: string, content: string): Promise<string> {
    const path = join(folder.path, name);
    await writeFile(path, content);
    return path;
  }

  it('lists by every filter', async () => {
    const filter = ['--user', USER_ID, '--key', KEY_ID, '--target', 'mlflow', '--action', 'key.revoked'];
    const more = ['--outcome', 'refused', '--ip', '192.0.2.1', '--request-id', 'r-1', '--oldest-first'];
    const period = ['--from', '2026-01-01T00:00:00Z', '--to', '2026-01-02T00:00:00+01:00', '--limit', '5'];
    const { code, stdout, stderr } = await audit('list', ...filter, ...more, ...period);
    assert.equal(code, 0, stderr);
    assert.deepEqual(asked(), [
      [
        'GET',
        'events',
        {
          ...{ user_id: USER_ID, key_id: KEY_ID, target_id: 'mlflow', action: 'key.revoked' },
          ...{ outcome: 'refused', client_ip: '192.0.2.1', request_id: 'r-1', oldest_first: 'true' },
          ...{ from: '2026-01-01T00:00:00.000Z', to: '2026-01-01T23:00:00.000Z', limit: '5' },
        },
      ],
    ]);
    assert.match(stdout, /2026-11-22 10:00:00 UTC +key\.updated +success +hk_live_4fJq0ZtY8wLs/);
    const { stdout: json } = await audit('list', '--json');
    assert.deepEqual(JSON.parse(json), { data: [auditEventJson()], next_cursor: null });
  });

  it('ends an endless list where it ends for now', async () => {
    const page = (rows: number, next: string) =>
      answer(200, { data: Array.from({ length: rows }, () => auditEventJson()), next_cursor: next });
    gateway.reply(page(200, 'c200'), page(3, 'c203'));
    const { code, stdout, stderr } = await audit('list', '--oldest-first', '--all', '--json');
    assert.equal(code, 0, stderr);
    const { data, next_cursor: next } = JSON.parse(stdout) as { data: object[]; next_cursor: string };
    assert.deepEqual([data.length, next, stderr], [203, 'c203', '']);
    gateway.reply(page(2, 'c2'));
    assert.match((await audit('list', '--oldest-first', '--limit', '2')).stderr, /There are more events/);
    gateway.reply(page(0, 'c2'));
    assert.equal((await audit('list', '--oldest-first')).stderr, 'No events.\n');
  });

  it('names its own options where the gateway finds values wrong', async () => {
    const violations = [{ path: 'client_ip', message: 'expected an IPv4 or IPv6 address' }];
    gateway.reply(problem(422, 'invalid_values', 'Not valid.', { violations }));
    const { code, stderr } = await audit('list', '--ip', 'x');
    assert.equal(code, 8);
    assert.match(stderr, /client_ip is --ip/);
  });

  it('shows one event: who, what, before and after, from where, and its place', async () => {
    const { code, stdout } = await audit('show', KEY_ID);
    assert.equal(code, 0);
    for (const part of [
      ...[/Action +key\.updated/, /User +0192a0c4-1111/, /Target +key 0192a0c4-7d3e/, /Through +grpc by ops/],
      ...[
        /Changes +name: old -> new\\u001b/,
        /scopes: \["mlflow:read"\]/,
        /Address +192\.0\.2\.1/,
        /Row +17, stored/,
      ],
      ...[/Hash +[0-9a-f]{64}/, /Request id +r-1/],
    ])
      assert.match(stdout, part);
    assert.equal((await audit('show', '17')).code, 2);
  });

  describe('export', () => {
    it('is what the gateway sends, line by line', async () => {
      const { code, stdout } = await audit('export', '--key', KEY_ID, '--from-row', '2', '--to-row', '7');
      assert.deepEqual([code, stdout], [0, exported]);
      assert.deepEqual(asked()[0]?.[2], { key_id: KEY_ID, from_chain_seq: '2', to_chain_seq: '7' });
      assert.equal(gateway.asked[0]?.headers.accept, 'application/jsonl');
    });

    it('goes into a file of its own, which is there only when it is whole', async () => {
      const path = join(folder.path, 'whole.jsonl');
      const { code, stdout, stderr } = await audit('export', '--output', path);
      assert.deepEqual([code, stdout], [0, ''], stderr);
      assert.match(stderr, /9 events/);
      assert.equal(await readFile(path, 'utf8'), exported);
      assert.equal((await stat(path)).mode & 0o777, 0o600);

      exported = linesOf(RECORDS.slice(0, -1));
      const other = join(folder.path, 'broken.jsonl');
      const broken = await audit('export', '--output', other);
      assert.equal(broken.code, 10);
      assert.match(broken.stderr, /broke off after 9 events: it has no end/);
      assert.ok(!(await readdir(folder.path)).some((name) => name.includes('broken')));
      assert.equal((await audit('export')).code, 10);
    });

    it('that is cut off says so', async () => {
      gateway.reply((_, response) => {
        response.writeHead(200, JSON_LINES);
        response.write(linesOf(RECORDS.slice(0, 4)), () => response.destroy());
      });
      const { code, stderr } = await audit('export');
      assert.equal(code, 10);
      assert.match(stderr, /broke the connection off|broke off/);
    });

    it('is refused in words', async () => {
      gateway.reply(problem(403, 'scope_missing', 'The key lacks audit:read.'));
      assert.equal((await audit('export')).code, 5);
    });
  });

  describe('verify', () => {
    const verify = (...args: string[]) => audit('verify', '--json', ...args);
    const json = ({ stdout }: { stdout: string }) => JSON.parse(stdout) as Record<string, unknown>;

    it('recomputes the log here, with what the keys service has kept', async () => {
      const result = await verify('--public-key', PUBLIC_KEY, '--strict');
      assert.equal(result.code, 0, result.stderr);
      const { signers, ...rest } = json(result);
      assert.deepEqual(rest, {
        ...{ intact: true, log_id: LOG_ID, from_chain_seq: 1, to_chain_seq: 9, rows_verified: 9 },
        ...{ first_bad_chain_seq: null, problem: null, proof: null, checkpoints_verified: 2 },
        ...{ last_checkpoint_chain_seq: 9, last_trusted_checkpoint_chain_seq: 9, rows_bound: 9 },
        ...{ erased_values: 0, witnesses_known: 3, witnesses_verified: 3, unproven: [] },
      });
      assert.deepEqual(signers, [{ signer_id: KEY.signerId, public_key: PUBLIC_KEY, trust: 'pinned' }]);
      assert.deepEqual(
        asked().map(([, path]) => path),
        ['witnesses', 'export'],
      );
      const { code, stdout } = await audit('verify');
      assert.equal(code, 11);
      assert.match(stdout, /Result +intact[\s\S]*Rows +9 verified, from 1 to 9[\s\S]*not known, public key/);
    });

    for (const [what, records, row, proof] of [
      [
        'altered',
        changed(5, (record) => ({ ...record, body: record.body.replace('night', 'day') })),
        5,
        'chain',
      ],
      ['missing', RECORDS.filter((record) => record.type !== 'event' || record.chain_seq !== 3), 3, 'chain'],
    ] as const)
      it(`names the first bad row: ${what}`, async () => {
        const path = await file(`${what}.jsonl`, linesOf(records));
        const result = await verify('--file', path);
        assert.equal(result.code, 12, result.stderr);
        const found = json(result);
        assert.deepEqual(
          [found['intact'], found['first_bad_chain_seq'], found['proof']],
          [false, row, proof],
        );
        assert.match(result.stderr, new RegExp(`Row ${row}: `));
        assert.deepEqual(asked(), []);
      });

    it('finds a tail that was cut off, and a log that was made anew', async () => {
      exported = linesOf(recordsOf({ rows: ROWS.slice(0, 7), checkpoints: CHECKPOINTS.slice(0, 1) }));
      const cut = await verify();
      assert.deepEqual([cut.code, json(cut)['first_bad_chain_seq'], json(cut)['proof']], [12, 8, 'witness']);
      exported = linesOf(RECORDS);
      witnesses = [{ chain_seq: 6, hash: 'ab'.repeat(32) }];
      const anew = await verify();
      assert.deepEqual(
        [anew.code, json(anew)['first_bad_chain_seq'], json(anew)['proof']],
        [12, 6, 'witness'],
      );
    });

    it('compares with checkpoints that were kept elsewhere', async () => {
      const kept = join(folder.path, 'kept');
      await mkdir(kept);
      const name = join(kept, 'checkpoints-2025-01.jsonl');
      await writeFile(name, CHECKPOINTS.map((one) => `${checkpointLineOf(one)}\n`).join(''));
      const known = ['--checkpoints', kept, '--public-key', PUBLIC_KEY];
      assert.equal((await verify(...known)).code, 0);
      const part = { rows: ROWS.slice(0, 7), checkpoints: CHECKPOINTS.slice(0, 1) };
      const short = linesOf(recordsOf(part));
      [exported, witnesses] = [short, WITNESSES.slice(0, 2)];
      for (const asked of [[], ['--to-row', '9']]) {
        const cut = await verify(...known, ...asked);
        const { first_bad_chain_seq: row, proof } = json(cut);
        assert.deepEqual([cut.code, row, proof], [12, 8, 'checkpoint'], cut.stderr);
      }
      assert.equal((await verify(...known, '--to-row', '7')).code, 0);
      // The log has gone on since it was exported.
      const older = ['--file', await file('short.jsonl', short), ...known];
      assert.equal((await verify(...older)).code, 0);
      const strict = await verify(...older, '--strict');
      assert.equal(strict.code, 11);
      assert.match(strict.stderr, /ends with row 7, and a proof knows of row 9: export it again/);
      assert.equal((await verify('--checkpoints', join(folder.path, 'nowhere'))).code, 3);
    });

    it('reads whatever crashes have left of the checkpoints kept elsewhere', async () => {
      const kept = join(folder.path, 'crashed');
      await mkdir(kept);
      const [fourth, ninth] = CHECKPOINTS.map((one) => `${checkpointLineOf(one)}\n`) as [string, string];
      // Written again after a crash, and behind a line that was cut off; by a clock that was set back.
      await writeFile(join(kept, 'checkpoints-2025-01.jsonl'), `${ninth}{"type":"hok\n${ninth}`);
      await writeFile(join(kept, 'checkpoints-2025-02.jsonl'), `${fourth}${ninth}${fourth}${ninth}{"ty`);
      exported = linesOf(recordsOf({ rows: ROWS }));
      const known = ['--checkpoints', kept, '--public-key', PUBLIC_KEY];
      const whole = await verify(...known);
      assert.deepEqual([whole.code, json(whole)['checkpoints_verified']], [0, 2], whole.stderr);
      assert.match(whole.stderr, /Passed over in .*crashed: 2 lines that are no checkpoint/);
      // Numbers that were given again after a backup was restored.
      const others = rowsAfter(ROWS[6] as (typeof ROWS)[number], 2, { reason: 'after a restore' });
      const [other] = checkpointsOf(others, [9]).map((one) => `${checkpointLineOf(one)}\n`);
      await appendFile(join(kept, 'checkpoints-2025-02.jsonl'), `\n${other}`);
      const contradicted = await verify(...known);
      assert.deepEqual([contradicted.code, json(contradicted)['first_bad_chain_seq']], [12, 9]);
    });

    it('ends with 11 where too little is shown', async () => {
      const unsigned = await file('unsigned.jsonl', linesOf(recordsOf({ rows: ROWS })));
      const result = await verify('--file', unsigned);
      assert.equal(result.code, 11);
      assert.match(result.stderr, /the proof is not complete/);
      const signed = await file('signed.jsonl', exported);
      const unknown = await verify('--file', signed);
      assert.equal(unknown.code, 11);
      assert.match(unknown.stderr, /whose public key was not given/);
      assert.equal((await verify('--file', signed, '--public-key', PUBLIC_KEY)).code, 0);
      const other = Buffer.from(keyOf(2).publicKey).toString('base64url');
      assert.equal((await verify('--file', signed, '--public-key', other)).code, 11);
      assert.equal((await verify('--file', signed, '--strict', '--public-key', PUBLIC_KEY)).code, 0);
    });

    it('takes nothing else for an export', async () => {
      for (const content of ['', 'hello\n', exported.slice(0, -20), `${exported}${exported}`]) {
        const result = await verify('--file', await file('odd.jsonl', content));
        assert.equal(result.code, 12, `${result.code} ${result.stderr}`);
      }
      assert.equal((await verify('--file', join(folder.path, 'nowhere.jsonl'))).code, 3);
      assert.equal((await verify('--public-key', 'x')).code, 2);
    });

    it('can do without what is for admins, and says so', async () => {
      const forbidden = problem(403, 'permission_denied', 'Only an admin may do this.');
      gateway.reply(forbidden, whateverIsAsked);
      const result = await verify('--public-key', PUBLIC_KEY);
      assert.equal(result.code, 0);
      assert.match(result.stderr, /is for admins: it is not compared/);
      assert.equal(json(result)['witnesses_known'], null);
    });

    it('lets the server do it', async () => {
      const verdict = {
        ...{ intact: true, rows_verified: 9, first_bad_chain_seq: null, problem: null, proof: null },
        ...{
          checkpoints_verified: 2,
          last_checkpoint_chain_seq: 9,
          witnesses_known: 3,
          witnesses_verified: 3,
        },
        ...{ last_trusted_checkpoint_chain_seq: 9, rows_bound: 9, erased_values: 0, unproven: [] },
      };
      gateway.reply(answer(200, verdict));
      const intact = await audit('verify', '--on-server', '--from-row', '2');
      assert.equal(intact.code, 0, intact.stderr);
      assert.match(intact.stdout, /Witnesses +3 of 3 compared/);
      assert.deepEqual(gateway.asked[0]?.body, { from_chain_seq: 2 });
      const broken = {
        intact: false,
        first_bad_chain_seq: 4,
        problem: 'The row is missing.',
        proof: 'chain',
      };
      gateway.reply(answer(200, { ...verdict, ...broken }));
      const result = await audit('verify', '--on-server');
      assert.equal(result.code, 12);
      assert.match(result.stderr, /Row 4: The row is missing\./);
      const unproven = [{ code: 'unpinned_signer', message: 'Nobody knows who signed it.' }];
      gateway.reply(answer(200, { ...verdict, last_trusted_checkpoint_chain_seq: null, unproven }));
      const stranger = await audit('verify', '--on-server');
      assert.equal(stranger.code, 11);
      assert.match(stranger.stderr, /Nobody knows who signed it/);
      assert.match(stranger.stdout, /the last one of row 9, by no known signer/);
    });
  });

  describe('tail', () => {
    const page = (rows: readonly number[], next: string | null) => {
      const data = rows.map((row) => auditEventJson({ chain_seq: row, reason: `r${row}` }));
      return answer(200, { data, next_cursor: next });
    };

    it('begins with the last events, follows, survives a restart, and ends with 0', async () => {
      gateway.reply(
        page([9, 8], 'c8'),
        page([9], 'c9'),
        drop,
        drop,
        drop,
        drop,
        page([10, 11], 'c11'),
        page([], 'c11'),
      );
      const child = start(['audit', 'tail', '--lines', '1', '--interval', '1s', '--json', '--key', KEY_ID], {
        env,
      });
      const shown = text(child.stdout);
      await eventually(() => assert.equal(asked().at(-1)?.[2]['cursor'], 'c11'));
      child.kill('SIGINT');
      const { code, stderr } = await ended(child);
      assert.equal(code, 0, stderr);
      const rows = (await shown)
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { chain_seq: number }).chain_seq);
      assert.deepEqual(rows, [9, 10, 11]);
      assert.match(stderr, /Trying again until it answers[\s\S]*answers again/);
      const [first, second] = asked().map(([, , query]) => query);
      assert.deepEqual(first, { key_id: KEY_ID, limit: '2' });
      assert.deepEqual(second, { key_id: KEY_ID, oldest_first: 'true', limit: '200', cursor: 'c8' });
    }).timeout(60_000);

    it('fails at once where the first question does', async () => {
      gateway.reply(problem(403, 'scope_missing', 'The key lacks audit:read.'));
      assert.equal((await audit('tail')).code, 5);
    });
  });
});
