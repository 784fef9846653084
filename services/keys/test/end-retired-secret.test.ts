/** Ending the grace of a replaced secret, on real Postgres. */
import assert from 'node:assert/strict';
import { auditEventEventSchema } from '@hokusai/contracts';
import { createDatabase, type TestDatabase } from '@hokusai/testing';
import { acceptedSecrets } from '../src/domain/key.ts';
import {
  type Core,
  eventsOf,
  holdKey,
  type IssuedKey,
  openCore,
  refusal,
  versionsTold,
  waitingForLock,
} from './support/core.ts';

const HOUR_MS = 3_600_000;

describe('ending the grace of a retired secret', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  /** With its first secret, and after its rotation. */
  let before: IssuedKey;
  let rotated: IssuedKey;

  beforeEach(async () => {
    database = await createDatabase('keys');
    core = openCore(database.url);
    admin = await core.bootstrapAdmin();
    before = await core.memberKey(admin);
    rotated = await core.rotate(before, before.key.id, HOUR_MS);
  });

  afterEach(async () => {
    await core.close();
    await database.close();
  });

  async function accepted(): Promise<string[]> {
    const { found, read } = await core.reader.readState(before.key.id);
    return found ? acceptedSecrets(found.key, read.readAt).map(({ keyPrefix }) => keyPrefix) : [];
  }

  it('takes effect at once, and tells everyone in the same transaction', async () => {
    assert.equal((await accepted()).length, 2);
    let after = rotated.key;
    const written = await eventsOf(core.pool, async () => {
      after = await core.endSecret(rotated, before.key.id, before.key.keyPrefix);
    });
    assert.deepEqual(await accepted(), [rotated.key.keyPrefix]);
    assert.ok(after.version > rotated.key.version);
    assert.deepEqual((await versionsTold(core.pool, after.id)).at(-1), after.version);
    const [audit, event] = written;
    assert.equal(event?.subject, 'hokusai.keys.v1.events.updated');
    const { data } = auditEventEventSchema.parse(audit?.payload);
    assert.deepEqual([data.action, data.outcome], ['key.secret_ended', 'success']);
    const [was, is] = [rotated.key, after].map(({ retiredSecrets }) => retiredSecrets[0]?.validUntil);
    const prefix = before.key.keyPrefix;
    const ended = (at: Date | undefined) => ({
      retired_secrets: { [prefix]: { valid_until: at?.toISOString() } },
    });
    assert.deepEqual(data.before, ended(was));
    assert.deepEqual(data.after, ended(is));
    assert.deepEqual(await refusal(core.management.getKey(before.caller, after.id)), [
      ...(['permission_denied', 'secret_rotated'] as const),
    ]);
  });

  it('changes nothing the second time, and answers the same', async () => {
    const first = await core.endSecret(rotated, before.key.id, before.key.keyPrefix);
    const written = await eventsOf(core.pool, async () => {
      assert.deepEqual(await core.endSecret(rotated, before.key.id, before.key.keyPrefix), first);
    });
    assert.deepEqual(written, []);
  });

  it('counts once where several do it at the same time', async () => {
    const release = await holdKey(core.pool, before.key.id);
    const ends = Promise.all(
      [1, 2, 3].map(() => core.endSecret(rotated, before.key.id, before.key.keyPrefix)),
    );
    await waitingForLock(core.pool, 3);
    await release();
    assert.equal(new Set((await ends).map(({ version }) => version)).size, 1);
    assert.equal((await versionsTold(core.pool, before.key.id)).length, 3);
  });

  it('completes nothing for an acting key that is revoked meanwhile', async () => {
    const acting = await core.issue(admin, { userId: rotated.key.userId, scopes: ['keys:write'] });
    const release = await holdKey(core.pool, acting.key.id);
    const stopping = core.revoke(admin, acting.key.id);
    await waitingForLock(core.pool, 1);
    const attempt = refusal(core.endSecret(acting, before.key.id, before.key.keyPrefix));
    await waitingForLock(core.pool, 2);
    await release();
    await stopping;
    assert.deepEqual(await attempt, ['permission_denied', 'key_revoked']);
    assert.equal((await accepted()).length, 2);
  });

  it('leaves the other secrets alone', async () => {
    const third = await core.rotate(rotated, before.key.id, HOUR_MS);
    await core.endSecret(third, before.key.id, before.key.keyPrefix);
    assert.deepEqual(await accepted(), [third.key.keyPrefix, rotated.key.keyPrefix]);
  });

  it('knows no other secret than the retired ones of that key', async () => {
    const other = await core.issue(admin);
    await core.rotate(admin, other.key.id);
    for (const prefix of [other.key.keyPrefix, rotated.key.keyPrefix, '', 'x'.repeat(10_000), '\0']) {
      const outcome = refusal(core.endSecret(rotated, before.key.id, prefix));
      assert.deepEqual(await outcome, ['not_found', 'secret_not_found']);
    }
    assert.equal((await accepted()).length, 2);
  });

  it('answers for a foreign key as for an unknown one, and tells the audit log', async () => {
    const stranger = await core.issue(admin, { userId: await core.addUser(), scopes: ['keys:write'] });
    const written = await eventsOf(core.pool, async () => {
      for (const id of [before.key.id, '00000000-0000-4000-8000-00000000dead', 'nonsense']) {
        const outcome = refusal(core.endSecret(stranger, id, before.key.keyPrefix));
        assert.deepEqual(await outcome, ['not_found', 'key_not_found']);
      }
    });
    const audited = written.map(({ payload }) => auditEventEventSchema.parse(payload).data);
    assert.deepEqual(
      audited.map(({ action, outcome, reason }) => `${action} ${outcome} ${reason}`),
      Array(3).fill('key.secret_ended refused key_not_found'),
    );
  });
});
