/** Changes of keys, on real Postgres. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { auditEventEventSchema, keyEventEventSchema } from '@hokusai/contracts';
import {
  type Core,
  eventsOf,
  holdKey,
  type IssuedKey,
  policy,
  refusal,
  versionsTold,
  waitingForLock,
} from './support/core.ts';
import { freshCore } from './support/fresh-core.ts';

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS);

describe('updating keys', function () {
  this.timeout(120_000);
  let core: Core;
  let admin: IssuedKey;
  freshCore((fresh) => {
    ({ admin, core } = fresh);
  });

  const scopes = ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'];
  const memberKey = () => core.memberKey(admin);
  const child = (of: IssuedKey, expiresAt: Date | null = null) =>
    core.issue(of, { userId: of.key.userId, scopes, expiresAt });
  const read = (id: string) => core.management.getKey(admin.caller, id);

  it('stores what was asked for, and nothing else', async () => {
    const { key } = await core.issue(admin, { name: 'before', metadata: { a: 1 }, scopes: ['mlflow:read'] });
    const expiresAt = inHours(5);
    const after = await core.change(admin, key.id, {
      ...{
        name: ' after ',
        scopes: ['usage:read', 'mlflow:read'],
        expiresAt,
        metadata: { b: { c: [1, null] } },
      },
      ...{
        allowedIps: ['10.0.0.0/8', '2001:DB8::1'],
        limits: { ratePerHour: 7, burst: 8, burstWindowSeconds: 9 },
      },
    });
    assert.deepEqual(after, {
      ...key,
      ...{
        name: 'after',
        scopes: ['mlflow:read', 'usage:read'],
        expiresAt,
        metadata: { b: { c: [1, null] } },
      },
      limits: { ratePerHour: 7, burst: 8, burstWindowSeconds: 9 },
      ...{ allowedIps: ['10.0.0.0/8', '2001:db8::1/128'], version: after.version },
    });
    assert.ok(after.version > key.version);
    const back = await core.change(admin, key.id, {
      ...{ expiresAt: null, allowedIps: [], metadata: {} },
      limits: { ratePerHour: null, burst: null, burstWindowSeconds: null },
    });
    assert.deepEqual([back.expiresAt, back.allowedIps, back.metadata], [null, [], {}]);
    assert.deepEqual(back.limits, policy.defaultLimits);
    assert.deepEqual([back.name, back.scopes], [after.name, after.scopes]);
    assert.deepEqual(await read(key.id), back);
  });

  it('leaves limits open that were open', async () => {
    const { key } = await core.issue(admin);
    await core.pool.query(
      'update api_keys set burst_limit = null, burst_window_seconds = null where id = $1',
      [key.id],
    );
    await core.change(admin, key.id, { name: 'x' });
    const { rows } = await core.pool.query('select burst_limit from api_keys where id = $1', [key.id]);
    assert.equal(rows[0].burst_limit, null);
  });

  it('tells followers, the audit log and outsiders, in the same transaction', async () => {
    const { key } = await core.issue(admin, { name: 'ci', metadata: { mail: 'someone@example.org' } });
    let after = key;
    const written = await eventsOf(core.pool, async () => {
      const request = { name: 'cd', expiresAt: inHours(1), metadata: { mail: 'other@example.org' } };
      after = await core.change(admin, key.id, request);
    });
    assert.deepEqual(await versionsTold(core.pool, key.id), [key.version, after.version]);
    const [audit, event] = written;
    assert.equal(written.length, 2);
    const { data } = auditEventEventSchema.parse(audit?.payload);
    assert.deepEqual([data.action, data.outcome, data.target?.id], ['key.updated', 'success', key.id]);
    assert.deepEqual(data.before, { name: 'ci', expires_at: null });
    const expires_at = after.expiresAt?.toISOString();
    assert.deepEqual(data.after, { name: 'cd', expires_at, metadata_changed: true });
    assert.equal(event?.subject, 'hokusai.keys.v1.events.updated');
    assert.equal(keyEventEventSchema.parse(event.payload).data.version, String(after.version));
    assert.ok(!JSON.stringify(written).includes('example.org'));
  });

  it('wakes those who listen for changes and events', async () => {
    const { key } = await core.issue(admin);
    const heard = new Set<string>();
    const listener = await core.pool.connect();
    try {
      listener.on('notification', ({ channel }) => heard.add(channel));
      await listener.query('listen hokusai_key_changes; listen hokusai_outbox');
      await core.change(admin, key.id, { name: 'x' });
      // Notifications come in the order of commits, and this one after them.
      await listener.query("notify hokusai_outbox, 'last'");
      assert.deepEqual(heard, new Set(['hokusai_key_changes', 'hokusai_outbox']));
    } finally {
      listener.release(true);
    }
  });

  it('leaves no trace of a change that changes nothing', async () => {
    const { key } = await core.issue(admin, { metadata: { b: 1, aa: 2 }, expiresAt: inHours(1) });
    const written = await eventsOf(core.pool, async () => {
      const same = {
        name: key.name,
        metadata: { aa: 2, b: 1 },
        expiresAt: key.expiresAt,
        scopes: key.scopes,
      };
      assert.deepEqual(await core.change(admin, key.id, same), key);
    });
    assert.deepEqual([written, await versionsTold(core.pool, key.id)], [[], [key.version]]);
  });

  it('refuses without a trace but in the audit log', async () => {
    const member = await memberKey();
    const { key } = await child(member);
    const written = await eventsOf(core.pool, async () => {
      const outcome = refusal(core.change(member, key.id, { name: 'x', scopes: ['mlflow:delete'] }));
      assert.deepEqual(await outcome, ['unprocessable', 'scope_not_held']);
      const fields = refusal(core.change(member, key.id, { mask: ['name', 'user_id'], name: 'x' }));
      assert.deepEqual(await fields, ['unprocessable', 'invalid_field']);
    });
    const audited = written.map(({ payload }) => auditEventEventSchema.parse(payload).data);
    assert.deepEqual(
      audited.map(({ action, outcome, reason }) => `${action} ${outcome} ${reason}`),
      ['key.updated refused scope_not_held', 'key.updated refused invalid_field'],
    );
    assert.deepEqual(await read(key.id), key);
  });

  it('answers for a foreign key as for an unknown one', async () => {
    const member = await memberKey();
    for (const id of [admin.key.id, randomUUID(), 'nonsense', admin.plaintext]) {
      assert.deepEqual(await refusal(core.change(member, id, { name: 'x' })), ['not_found', 'key_not_found']);
    }
    assert.equal((await core.change(admin, member.key.id, { name: 'by an admin' })).name, 'by an admin');
  });

  it("holds a child within its creator, whichever of the member's keys asks", async () => {
    const first = await memberKey();
    const parent = await child(first, inHours(1));
    const { key } = await child(parent, inHours(0.5));
    assert.deepEqual(await refusal(core.change(first, key.id, { expiresAt: inHours(2) })), [
      ...(['unprocessable', 'expiry_beyond_creator'] as const),
    ]);
    const request = { expiresAt: parent.key.expiresAt };
    assert.deepEqual((await core.change(first, key.id, request)).expiresAt, parent.key.expiresAt);
    await core.change(admin, key.id, { expiresAt: inHours(2) });
  });

  it('wakes an expired key, swept or not, but not beyond the number of keys', async () => {
    const member = await memberKey();
    const expire = async (id: string, isActive: boolean) =>
      core.pool.query(
        "update api_keys set expires_at = now() - interval '1 hour', is_active = $2 where id = $1",
        [...[id, isActive]],
      );
    const [swept, unswept] = [await child(member, inHours(1)), await child(member, inHours(1))];
    await expire(swept.key.id, false);
    await expire(unswept.key.id, true);
    assert.deepEqual(await refusal(core.management.getKey(swept.caller, swept.key.id)), [
      ...(['permission_denied', 'key_expired'] as const),
    ]);
    for (const { key, caller } of [swept, unswept]) {
      const awake = await core.change(member, key.id, { expiresAt: null });
      assert.deepEqual([awake.isActive, awake.expiresAt], [true, null]);
      await core.management.getKey(caller, key.id);
    }
    await expire(swept.key.id, false);
    for (let keys = 2; keys < policy.maxKeysPerUser; keys++) await child(member);
    assert.deepEqual(await refusal(core.change(member, swept.key.id, { expiresAt: null })), [
      ...(['unprocessable', 'too_many_keys'] as const),
    ]);
  });

  it('lets waking and creating together not exceed the number of keys', async () => {
    const member = await memberKey();
    const asleep = await Promise.all([1, 2, 3].map(() => child(member, inHours(1))));
    await core.pool.query(
      "update api_keys set expires_at = now() - interval '1 hour' where expires_at is not null",
    );
    for (let keys = 1; keys < policy.maxKeysPerUser - 1; keys++) await child(member);
    const attempts = asleep.map(({ key }) => core.change(member, key.id, { expiresAt: null }));
    const outcomes = await Promise.allSettled([...attempts, child(member), child(member)]);
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
  });

  describe('at the same time', () => {
    it('lets one of several win who mean the same version', async () => {
      const { key } = await core.issue(admin);
      const release = await holdKey(core.pool, key.id);
      const names = ['a', 'b', 'c'];
      const changes = Promise.allSettled(
        names.map((name) => core.change(admin, key.id, { name, ifVersion: key.version })),
      );
      await waitingForLock(core.pool, 3);
      await release();
      const outcomes = await changes;
      assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
      for (const one of outcomes) {
        if (one.status === 'rejected') {
          assert.deepEqual([one.reason.code, one.reason.reason], ['conflict', 'version_mismatch']);
        }
      }
    });

    it('loses no field where several change different ones', async () => {
      const { key } = await core.issue(admin);
      const release = await holdKey(core.pool, key.id);
      const changes = Promise.all([
        core.change(admin, key.id, { name: 'x' }),
        core.change(admin, key.id, { metadata: { a: 1 } }),
        core.change(admin, key.id, { allowedIps: ['10.0.0.0/8'] }),
      ]);
      await waitingForLock(core.pool, 3);
      await release();
      await changes;
      const { name, metadata, allowedIps, version } = await read(key.id);
      assert.deepEqual([name, metadata, allowedIps], ['x', { a: 1 }, ['10.0.0.0/8']]);
      const versions = await versionsTold(core.pool, key.id);
      assert.equal(versions.length, 4);
      assert.equal(versions.at(-1), version);
    });

    it('loosens nothing that a cascade has reached', async () => {
      const parent = await memberKey();
      const { key } = await child(parent, inHours(1));
      const release = await holdKey(core.pool, key.id);
      const cascade = core.revoke(admin, parent.key.id, { cascade: true });
      await waitingForLock(core.pool, 1);
      const changing = refusal(core.change(parent, key.id, { expiresAt: inHours(2) }));
      await waitingForLock(core.pool, 2);
      await release();
      assert.equal((await cascade).revokedCount, 2);
      assert.equal((await changing)[1], 'key_revoked');
      assert.deepEqual((await read(key.id)).expiresAt, key.expiresAt);
    });

    it('leaves nothing working and no version behind, however changes and cascade interleave', async () => {
      const parent = await memberKey();
      const children = await Promise.all([1, 2, 3].map(() => child(parent, inHours(1))));
      const changes = children.flatMap(({ key }) => [
        core.change(parent, key.id, { expiresAt: inHours(2) }),
        core.change(admin, key.id, { name: 'renamed' }),
        core.rotate(admin, key.id),
      ]);
      const cascade = core.revoke(admin, parent.key.id, { cascade: true });
      for (const outcome of await Promise.allSettled(changes)) {
        if (outcome.status === 'rejected') {
          assert.ok(['key_revoked', 'concurrent_change'].includes(outcome.reason.reason), outcome.reason);
        }
      }
      assert.equal((await cascade).revokedCount, 4);
      for (const { key } of [parent, ...children]) {
        const after = await read(key.id);
        assert.ok(after.revokedAt !== null && !after.isActive);
        const versions = await versionsTold(core.pool, key.id);
        assert.equal(new Set(versions).size, versions.length);
        assert.equal(versions.at(-1), after.version);
      }
    });
  });
});
