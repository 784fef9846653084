import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { spawnService } from '@hokusai/testing';
import { signNext } from '../src/application/sign-checkpoint.ts';
import { createCheckpointStore } from '../src/storage/checkpoints.ts';
import {
  type AuditDatabase,
  appenderOn,
  openAuditDatabase,
  verdict,
  verify,
} from './support/audit-database.ts';
import { incomingOf, USER } from './support/audit-events.ts';
import { ringOf, seedOf } from './support/signing-rings.ts';

const OURS = `a:${seedOf(1)}`;
const RING = ringOf(OURS);
const LONG_AGO = Date.parse('2025-01-01T00:00:00Z');

describe("the owner's commands", function () {
  this.timeout(120_000);
  let db: AuditDatabase;
  beforeEach(async () => {
    db = await openAuditDatabase();
  });
  afterEach(() => db.close());

  const append = (count: number, changes = {}) =>
    appenderOn(db.pool).append(Array.from({ length: count }, () => incomingOf(changes)));
  const sign = (day: number) =>
    signNext(createCheckpointStore(db.pool), RING, () => LONG_AGO + day * 86_400_000);

  async function run(command: 'prune' | 'erase', args: string[], env: Record<string, string> = {}) {
    const running = await spawnService({
      entry: `services/audit/src/${command}.ts`,
      args,
      env: {
        AUDIT_OWNER_DATABASE_URL: db.database.ownerUrl,
        AUDIT_SIGNING_KEYS: OURS,
        ...env,
      },
      readyUrl: null,
    });
    const { code } = await running.exited;
    return { code, output: running.output() };
  }

  async function lastEvent(): Promise<{ body: Record<string, unknown>; text: string }> {
    const { rows } = await db.pool.query('select body from audit_events order by chain_seq desc limit 1');
    return { body: JSON.parse(rows[0].body), text: rows[0].body };
  }

  const firstRow = async () =>
    Number((await db.pool.query('select min(chain_seq) as first from audit_events')).rows[0].first);

  it('prune up to the last checkpoint before the instant, and what is left verifies from there', async () => {
    await append(5);
    await sign(1);
    await append(7);
    await sign(2);
    await append(3);
    await sign(3);
    const { code, output } = await run('prune', ['--before', '2025-01-03T12:00:00Z']);
    assert.deepEqual([code, /pruned the rows 1 to 12/.test(output)], [0, true], output);
    assert.equal(await firstRow(), 13);
    const { body } = await lastEvent();
    assert.equal(body['action'], 'audit.pruned');
    assert.deepEqual(body['after'], {
      ...{ before: '2025-01-03T12:00:00.000Z', from_chain_seq: 1, to_chain_seq: 12 },
      checkpoint_signed_at: '2025-01-03T00:00:00.000Z',
    });
    const result = await verify(db.pool);
    assert.equal(verdict(result), 'intact, 4 rows');
    assert.deepEqual([result.checkpointsVerified, result.lastCheckpoint], [2, 15]);
    await assert.rejects(verify(db.pool, 3), /up to 12 are not kept/);
    assert.equal((await sign(4)).kind, 'signed');

    const { rows } = await db.pool.query(
      `select (select count(*)::int from personal_values where chain_seq <= 12) as values,
         (select count(*)::int from audit_checkpoints) as checkpoints`,
    );
    assert.deepEqual(rows[0], { values: 0, checkpoints: 3 });
    assert.match((await run('prune', ['--before', '2025-01-03T12:00:00Z'])).output, /nothing to prune/);
    assert.match((await run('prune', ['--before', '2025-01-05T12:00:00Z'])).output, /rows 13 to 16/);
    assert.equal(verdict(await verify(db.pool)), 'intact, 1 rows');

    // The base is proof, too: rows after it that were replaced, or removed, show.
    await db.admin.query(
      'alter table audit_events disable trigger user; delete from audit_events where chain_seq = 17',
    );
    assert.match(verdict(await verify(db.pool)), /^17: The row is missing/);
  });

  it('prune nothing that a checkpoint does not stand for, outside of the database where there is a place', async () => {
    await append(5);
    assert.match(
      (await run('prune', ['--before', '2025-02-01T00:00:00Z'])).output,
      /no checkpoint was signed/,
    );
    await sign(1);
    await db.pool.query(
      `insert into audit_checkpoint_sinks (sink, chain_seq) values ('directory:/there', 3)`,
    );
    const { code, output } = await run('prune', ['--before', '2025-02-01T00:00:00Z']);
    assert.deepEqual([code, /has not left this database/.test(output)], [2, true], output);
    await db.pool.query('update audit_checkpoint_sinks set chain_seq = 5');
    await db.admin.query(
      'alter table audit_events disable trigger user; update audit_events set hash = sha256(hash) where chain_seq = 5',
    );
    assert.match(
      (await run('prune', ['--before', '2025-02-01T00:00:00Z'])).output,
      /not the one that was signed/,
    );
    assert.equal(await firstRow(), 1);
  });

  const BEFORE = ['--before', '2025-02-01T00:00:00Z'];
  const logged = async () =>
    (await db.pool.query("select action from audit_events where action like 'audit.%'")).rows.length;

  it('prune nothing by a checkpoint that no known key signed, or of rows that it does not fit', async () => {
    await append(5);
    await sign(1);
    const env = { AUDIT_SIGNING_KEYS: `b:${seedOf(2)}` };
    assert.match((await run('prune', BEFORE, env)).output, /is not a known key/);

    // As the service's role, which may take nothing away.
    await append(4);
    await db.pool.query(
      `insert into audit_checkpoints (chain_seq, hash, signed_at, signer_id, signature)
       select h.chain_seq, h.hash, '2020-01-01', s.signer_id, decode(repeat('00', 64), 'hex')
       from audit_head as h, audit_signers as s`,
    );
    const forged = await run('prune', ['--before', '2021-01-01T00:00:00Z']);
    assert.deepEqual([forged.code, /row 9 is not what/.test(forged.output)], [2, true], forged.output);
    await db.admin.query(
      `alter table audit_checkpoints disable trigger user; delete from audit_checkpoints where chain_seq = 9;
       alter table audit_events disable trigger user; update audit_events set body = body || ' ' where chain_seq = 2`,
    );
    assert.match((await run('prune', BEFORE)).output, /Row 2: .*nothing is pruned/);
    assert.deepEqual([await firstRow(), await logged()], [1, 0]);
    await db.admin.query('update audit_events set body = rtrim(body) where chain_seq = 2');
    const known = ['--public-key', Buffer.from(RING.current.publicKey).toString('base64url')];
    assert.match((await run('prune', [...BEFORE, ...known], env)).output, /pruned the rows 1 to 5/);
  });

  it('prune nothing that one of the places in use does not have, whatever the others have', async () => {
    await append(5);
    await sign(1);
    await db.pool.query(
      `insert into audit_checkpoint_sinks (sink, chain_seq) values ('directory:/here', 5), ('directory:/former', 3)`,
    );
    assert.match((await run('prune', BEFORE)).output, /has not left this database for directory:\/former/);
    const away = await run('prune', BEFORE, { AUDIT_CHECKPOINT_DIR: '/away' });
    assert.match(away.output, /has not left this database for directory:\/away/);
    assert.match((await run('prune', BEFORE, { AUDIT_CHECKPOINT_DIR: '/here' })).output, /rows 1 to 5/);
  });

  it('are refused to a role that may not, before the log is told', async () => {
    await append(5);
    await sign(1);
    const env = { AUDIT_OWNER_DATABASE_URL: db.database.url };
    for (const [command, args] of [
      ['prune', BEFORE],
      ['erase', ['--client-ip', '192.0.2.1']],
    ] as const) {
      const { code, output } = await run(command, [...args], env);
      assert.deepEqual([code, /has no right to .*\(delete\)/.test(output)], [2, true], output);
    }
    assert.equal(await logged(), 0);
  });

  it('take nothing away where the log can not be told', async () => {
    await append(5);
    await sign(1);
    await db.admin.query(
      `create function refuse_owner() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
       create trigger refused before update on audit_head for each row execute function refuse_owner()`,
    );
    assert.match((await run('erase', ['--client-ip', '192.0.2.1'])).output, /not now/);
    assert.match((await run('prune', BEFORE)).output, /not now/);
    const { rows } = await db.pool.query(
      'select (select count(*)::int from personal_values) as values, (select count(*)::int from audit_base) as bases',
    );
    assert.deepEqual([rows[0], await firstRow()], [{ values: 5, bases: 0 }, 1]);
  });

  const PERSONS = [
    { what: '--email', value: 'ada@example.org', erased: 2 },
    { what: '--client-ip', value: '192.0.2.77', erased: 3 },
    { what: '--user-id', value: USER.toUpperCase(), erased: 9 },
  ];
  for (const { what, value, erased } of PERSONS)
    it(`erase ${what}, and the chain is as whole as before`, async () => {
      const other = { user_id: randomUUID(), key_id: null, key_prefix: null, via: 'gateway' };
      const personal = { client_ip: '192.0.2.77', user_agent: 'curl' };
      await append(2, { personal });
      await append(1, {
        actor: other,
        target: { type: 'user', id: USER },
        personal: { client_ip: '192.0.2.77', email: 'ada@example.org', display_name_before: 'Ada' },
      });
      await append(1, {
        actor: { ...other, user_id: USER },
        personal: { email: 'countess@example.org', email_before: 'ada@example.org' },
      });
      await append(2, { actor: other, personal: { client_ip: '192.0.2.1', user_agent: 'curl' } });
      const { code, output } = await run('erase', [what, value]);
      assert.deepEqual([code, output.includes(`erased ${erased} values of`)], [0, true], output);
      const { body, text } = await lastEvent();
      assert.equal(body['action'], 'audit.erased');
      if (what !== '--user-id') assert.ok(!text.includes(value));
      const { rows } = await db.pool.query('select count(*)::int as left from personal_values');
      // The event itself says who ran the command.
      assert.equal(rows[0].left, 13 - erased + 1);
      assert.equal(verdict(await verify(db.pool)), 'intact, 7 rows');
    });

  const MISTAKES: [command: 'prune' | 'erase', args: string[], says: RegExp][] = [
    ['prune', [], /--before is missing[\s\S]*node \S+ services/],
    ['prune', ['--before', 'yesterday'], /expected an instant with a time zone/],
    ['prune', ['--before', '2025-01-01T00:00:00'], /expected an instant with a time zone/],
    ['prune', ['--before', '2999-01-01T00:00:00Z'], /in the future/],
    ['prune', ['--after', 'x'], /Unknown option '--after'/],
    ['erase', [], /expected one of --email, --client-ip and --user-id/],
    ['erase', ['--email', 'a@example.org', '--client-ip', '192.0.2.1'], /expected one of/],
    ['erase', ['--email', ''], /it is empty/],
    ['erase', ['--user-id', 'ada'], /expected a uuid/],
  ];
  it('say what is wrong with what was asked for, and exit 2', async () => {
    await Promise.all(
      MISTAKES.map(async ([command, args, says]) => {
        const { code, output } = await run(command, args);
        assert.equal(code, 2, output);
        assert.match(output, says);
      }),
    );
  });

  it('say what is missing in their configuration, and exit 78', async () => {
    const { code, output } = await run('erase', ['--email', 'a'], { AUDIT_OWNER_DATABASE_URL: '' });
    assert.equal(code, 78);
    assert.match(output, /AUDIT_OWNER_DATABASE_URL: is required/);
  });
});
