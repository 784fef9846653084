/** Verifications take turns of their own: none of them waits for a connection, or keeps others waiting for theirs. */
import assert from 'node:assert/strict';
import { createPool, isTransientDatabaseError, type Pool } from '@hokusai/service-kit';
import { createVerification } from '../src/storage/verification.ts';
import { type AuditDatabase, openAuditDatabase } from './support/audit-database.ts';

describe('connections of the audit service', function () {
  this.timeout(60_000);
  let db: AuditDatabase;
  let pool: Pool;

  before(async () => {
    db = await openAuditDatabase();
    const connectionString = db.database.url;
    pool = createPool({
      connectionString,
      max: 2,
      applicationName: 't',
      lockTimeoutMs: 100,
      onError: () => {},
    });
  });
  after(async () => {
    await pool.end();
    await db.close();
  });

  it('are for as many verifications as there are, others are told at once', async () => {
    const { verify } = createVerification(pool);
    const request = { from: null, to: null, witnesses: [] };
    const ask = () => verify(request, new AbortController().signal);
    const [one, two, three] = await Promise.allSettled([ask(), ask(), ask()]);
    assert.deepEqual([one.status, two.status, three.status], ['fulfilled', 'fulfilled', 'rejected']);
    assert.equal(three.status === 'rejected' && three.reason.code, 'rate_limited');
    assert.equal((await ask()).fault, undefined);
  });

  it('wait for a lock as long as they may, and what came of it is transient', async () => {
    const holder = await db.pool.connect();
    await holder.query('begin');
    await holder.query('select from audit_head for update');
    const waiting = pool.query('select from audit_head for update');
    await assert.rejects(
      waiting,
      (error) => isTransientDatabaseError(error) && /lock timeout/.test(String(error)),
    );
    await holder.query('rollback');
    holder.release();
    assert.ok(isTransientDatabaseError(Object.assign(new Error('idle'), { code: '25P03' })));
  });
});
