import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { type Pool, transaction } from '@hokusai/service-kit';
import { signNext } from '../src/application/sign-checkpoint.ts';
import { createCheckpointStore } from '../src/storage/checkpoints.ts';
import {
  type AuditDatabase,
  appenderOn,
  openAuditDatabase,
  verdict,
  verify,
} from './support/audit-database.ts';
import { incomingOf } from './support/audit-events.ts';
import { ringOf, seedOf } from './support/signing-rings.ts';

/** More than one page of the verification. */
const ROWS = 1005;

describe('the audit log against those who change it', function () {
  this.timeout(120_000);
  let db: AuditDatabase;

  before(async () => {
    db = await openAuditDatabase();
    const events = Array.from({ length: ROWS }, () => incomingOf());
    await appenderOn(db.pool).append(events);
    await signNext(createCheckpointStore(db.pool), ringOf(`a:${seedOf(1)}`), Date.now);
  });
  after(() => db.close());

  /** Every statement that could change what is logged. */
  const CHANGES = [
    'update audit_events set body = body',
    'delete from audit_events',
    'truncate audit_events cascade',
    'delete from audit_head',
    'truncate audit_head',
    'update audit_head set chain_seq = chain_seq - 1',
    'update personal_values set value = value',
    'truncate personal_values',
    'update audit_head set log_id = gen_random_uuid(), chain_seq = chain_seq + 1',
    'update audit_checkpoints set signed_at = signed_at',
    'delete from audit_checkpoints',
    'truncate audit_checkpoints cascade',
    'update audit_signers set since_chain_seq = since_chain_seq',
    'delete from audit_signers',
    'truncate audit_signers cascade',
    'truncate audit_base',
  ];
  const AS_SERVICE = [
    ...CHANGES,
    'delete from personal_values',
    'insert into audit_head (only_row, chain_seq, hash) values (true, 1, decode(repeat($$00$$, 32), $$hex$$))',
    'insert into audit_base (chain_seq) select max(chain_seq) from audit_checkpoints',
    'alter table audit_events disable trigger all',
    'drop trigger audit_events_final on audit_events',
    'drop table audit_events cascade',
    'alter table audit_events add column note text',
    'create or replace function refuse_change() returns trigger language plpgsql as $$ begin return old; end $$',
    "set session_replication_role = 'replica'",
    'grant update on audit_events to current_user',
  ];

  for (const statement of AS_SERVICE)
    it(`refuses the service: ${statement.slice(0, 60)}`, async () => {
      // A grant of what one doesn't hold is only warned of: whether it took effect is seen by the next attempt.
      await db.pool.query(statement).then(
        () => assert.match(statement, /^grant/),
        (error) => assert.equal(error.code, '42501', error.message),
      );
      await assert.rejects(db.pool.query('update audit_events set body = body'), { code: '42501' });
      assert.equal(verdict(await verify(db.pool)), `intact, ${ROWS} rows`);
    });

  for (const statement of CHANGES)
    it(`refuses even a superuser who does not switch the triggers off: ${statement}`, async () => {
      const replica = "set local session_replication_role = 'replica'";
      for (const prelude of ['select 1', replica])
        await assert.rejects(
          transaction(db.admin, async (client) => {
            await client.query(prelude);
            await client.query(statement);
          }),
          { code: '42501' },
        );
    });

  interface Tampering {
    what: string;
    change: string | ((admin: Pool) => Promise<unknown>);
    says: RegExp;
  }

  const SELF_CONSISTENT = `
    update audit_events set body = replace(body, 'notebook', 'forgery'),
      hash = sha256(previous_hash || convert_to(replace(body, 'notebook', 'forgery'), 'UTF8'))
    where chain_seq = `;

  const TAMPERINGS: Tampering[] = [
    {
      what: 'an altered body',
      change: "update audit_events set body = replace(body, 'notebook', 'forgery') where chain_seq = 1001",
      says: /^1001: .*altered/,
    },
    {
      what: 'an altered column',
      change: "update audit_events set outcome = 'refused' where chain_seq = 7",
      says: /^7: The column outcome differs/,
    },
    {
      what: 'an altered time of storing',
      change: "update audit_events set stored_at = stored_at - interval '1 hour' where chain_seq = 1005",
      says: /^1005: The column stored_at differs/,
    },
    { what: 'a row altered with its hash', change: `${SELF_CONSISTENT} 1000`, says: /^1000: .*replaced/ },
    {
      what: 'the last row altered with its hash',
      change: `${SELF_CONSISTENT} 1005`,
      says: /^1005: .*replaced/,
    },
    {
      what: 'an altered address',
      change: "update personal_values set value = '203.0.113.1' where chain_seq = 999",
      says: /^999: The personal value client_ip/,
    },
    { what: 'a deleted row', change: deletion('chain_seq = 1000'), says: /^1000: The row is missing/ },
    {
      what: 'the first rows deleted',
      change: deletion('chain_seq < 4'),
      says: /^1: The rows 1 to 3 are missing/,
    },
    {
      what: 'the last rows deleted',
      change: deletion('chain_seq > 1000'),
      says: /^1001: The rows 1001 to 1005/,
    },
    { what: 'everything deleted', change: deletion('true'), says: /^1: The rows 1 to 1005 are missing/ },
    { what: 'a row inserted at the end', change: insertAtTheEnd, says: /^1006: .*inserted/ },
    {
      what: 'two rows exchanged',
      change: `
        update audit_events set chain_seq = 999999 where chain_seq = 50;
        update audit_events set chain_seq = 50 where chain_seq = 51;
        update audit_events set chain_seq = 51 where chain_seq = 999999`,
      says: /^50: .*moved/,
    },
  ];

  for (const { what, change, says } of TAMPERINGS)
    it(`names the first bad row: ${what}`, async () => {
      await inPrivate(async (copy) => {
        await copy.admin.query(`
          alter table audit_events disable trigger all;
          alter table personal_values disable trigger all`);
        if (typeof change === 'string') await copy.admin.query(change);
        else await change(copy.admin);
        assert.match(verdict(await verify(copy.pool)), says);
      });
    });

  it('stays intact when the owner erases personal values', async () => {
    await inPrivate(async (copy) => {
      await copy.admin.query('delete from personal_values where chain_seq % 2 = 0');
      assert.equal(verdict(await verify(copy.pool)), `intact, ${ROWS} rows`);
    });
  });

  it('verifies a part of it by itself', async () => {
    assert.equal(verdict(await verify(db.pool, 500, 510)), 'intact, 11 rows');
    assert.equal(verdict(await verify(db.pool, 1000)), 'intact, 6 rows');
    assert.equal(verdict(await verify(db.pool, null, 3)), 'intact, 3 rows');
    await assert.rejects(verify(db.pool, 9000), /The log ends with row 1005/);
  });

  /** On a log of the test's own that holds as many rows. */
  async function inPrivate(work: (copy: AuditDatabase) => Promise<void>): Promise<void> {
    const copy = await openAuditDatabase();
    try {
      await appenderOn(copy.pool).append(Array.from({ length: ROWS }, () => incomingOf()));
      await work(copy);
    } finally {
      await copy.close();
    }
  }

  function deletion(condition: string): string {
    return `
      delete from personal_values where chain_seq in (select chain_seq from audit_events where ${condition});
      delete from audit_events where ${condition}`;
  }

  /** As whoever knows how the chain is made would do it, but for the head. */
  async function insertAtTheEnd(admin: Pool): Promise<void> {
    const { rows } = await admin.query('select * from audit_events where chain_seq = 1005');
    const body = rows[0].body.replace('"chain_seq":1005', '"chain_seq":1006');
    const hash = createHash('sha256').update(rows[0].hash).update(body).digest();
    await admin.query(
      `insert into audit_events
       select 1006, gen_random_uuid(), hash, $1, $2, stored_at, occurred_at, source, action, outcome,
         actor_user_id, actor_key_id, target_type, target_id, target_owner_id, request_id, trace_id
       from audit_events where chain_seq = 1005`,
      [hash, body],
    );
    const { rows: added } = await admin.query('select event_id from audit_events where chain_seq = 1006');
    const ownBody = body.replace(rows[0].event_id, added[0].event_id);
    const ownHash = createHash('sha256').update(rows[0].hash).update(ownBody).digest();
    await admin.query('update audit_events set body = $1, hash = $2 where chain_seq = 1006', [
      ownBody,
      ownHash,
    ]);
  }
});
