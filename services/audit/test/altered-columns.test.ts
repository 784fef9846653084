/** Columns that the superuser changed: what is shown is what was hashed, and that they differ. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { AuditReads } from '../src/domain/reads.ts';
import { openReads } from '../src/reads.ts';
import { type AuditDatabase, appenderOn, openAuditDatabase, silent } from './support/audit-database.ts';
import { incomingOf, KEY, USER } from './support/audit-events.ts';
import { type AuditServer, serveAudit } from './support/audit-server.ts';

const MEMBER = randomUUID();
const readerOf = (actingUserId: string, isAdmin: boolean) => {
  return { actingUserId, actingKeyId: KEY, isAdmin, requestId: 'r', clientIp: '' };
};
const admin = readerOf(USER, true);
const member = readerOf(MEMBER, false);

describe('columns of the audit log that were changed', function () {
  this.timeout(60_000);
  let db: AuditDatabase;
  let reads: AuditReads;
  let server: AuditServer;
  let audit: AuditServer['audit'];
  const revoked = incomingOf({ action: 'key.revoked' });

  before(async () => {
    db = await openAuditDatabase();
    const appender = appenderOn(db.pool);
    await appender.append([incomingOf(), revoked, incomingOf()]);
    await db.admin.query('alter table audit_events disable trigger all');
    await db.admin.query(
      `update audit_events set action = 'key.updated', outcome = 'refused', actor_user_id = $1,
         occurred_at = occurred_at - interval '3 days' where event_id = $2`,
      [MEMBER, revoked.eventId],
    );
    reads = openReads({ appender, logger: silent });
    server = await serveAudit(db.pool, reads);
    ({ audit } = server);
  });

  after(async () => {
    await server.close();
    await reads.close();
    await db.close();
  });

  it('are named to admins, who see what was stored', async () => {
    const { events } = await audit.call('ListEvents', { reader: admin, filter: { action: 'key.updated' } });
    const { event } = await audit.call('GetEvent', { reader: admin, eventId: revoked.eventId });
    assert.deepEqual(events, [event]);
    assert.deepEqual(
      [event?.action, event?.outcome, event?.actorUserId, event?.occurredAt?.seconds],
      ['key.revoked', 'success', USER, String(Date.parse(revoked.event.occurred_at) / 1000)],
    );
    assert.deepEqual(event?.alteredColumns, ['occurred_at', 'action', 'outcome', 'actor_user_id']);
  });

  it('stand in an export, so that whoever verifies it is told', async () => {
    const altered: [string, string[]][] = [];
    for await (const { event } of audit.read('ExportEvents', { reader: admin, toChainSeq: '3' }))
      if (event) altered.push([event.chainSeq, event.alteredColumns]);
    assert.deepEqual(altered, [
      ['1', []],
      ['2', ['occurred_at', 'action', 'outcome', 'actor_user_id']],
      ['3', []],
    ]);
  });

  it("make nobody's events a member's", async () => {
    const { events } = await audit.call('ListEvents', { reader: member, filter: { action: 'key.updated' } });
    assert.deepEqual(events, []);
    const get = audit.call('GetEvent', { reader: member, eventId: revoked.eventId });
    await assert.rejects(get, { code: 'not_found' });
    const records = await Array.fromAsync(audit.read('ExportEvents', { reader: member, toChainSeq: '3' }));
    assert.deepEqual([records.filter(({ event }) => event), records.at(-1)?.end?.rows], [[], '0']);
  });

  it('are all named where a body is not that of an event', async () => {
    await db.admin.query(`update audit_events set body = '{}' where chain_seq = 3`);
    const { events } = await audit.call('ListEvents', { reader: admin, oldestFirst: true, pageSize: 3 });
    assert.deepEqual(
      events.map(({ alteredColumns }) => alteredColumns.length),
      [0, 4, 12],
    );
  });
});
