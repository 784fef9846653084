/** Who reads the log, over gRPC, is in it: at once, and counted when the window has passed. */
import assert from 'node:assert/strict';
import type { Logger } from '@hokusai/service-kit';
import { eventually } from '@hokusai/testing';
import type { AuditReads } from '../src/domain/reads.ts';
import { openReads } from '../src/reads.ts';
import { type AuditDatabase, appenderOn, openAuditDatabase, silent } from './support/audit-database.ts';
import { KEY, USER } from './support/audit-events.ts';
import { type AuditServer, serveAudit } from './support/audit-server.ts';

const FOLD_MS = 300;

describe('reads of the audit log, over gRPC', function () {
  this.timeout(60_000);
  let db: AuditDatabase;
  let reads: AuditReads;
  let server: AuditServer;
  let audit: AuditServer['audit'];
  const delays: unknown[] = [];

  before(async () => {
    db = await openAuditDatabase();
    const logger: Logger = silent.child({});
    logger.warn = (told: unknown) => void delays.push(told);
    reads = openReads({ appender: appenderOn(db.pool), logger, foldMs: FOLD_MS });
    server = await serveAudit(db.pool, reads);
    ({ audit } = server);
  });

  after(async () => {
    await server.close();
    await reads.close();
    await db.close();
  });

  it('are counted by an event of their own after the calls have ended', async () => {
    const reader = { actingUserId: USER, actingKeyId: KEY, isAdmin: true, requestId: 'r', clientIp: '' };
    for (let time = 0; time < 4; time += 1) await audit.call('ListEvents', { reader });
    const counts = await eventually(async () => {
      const { rows } = await db.pool.query<{ body: string }>(
        'select body from audit_events order by chain_seq',
      );
      assert.equal(rows.length, 2);
      return rows.map(({ body }) => JSON.parse(body).count);
    });
    assert.deepEqual([counts, delays], [[1, 3], []]);
    await reads.close();
    const { rows } = await db.pool.query('select from audit_events');
    assert.equal(rows.length, 2, 'nothing waits any more');
  });
});
