/** Revocation of keys, on real Postgres. */
import assert from 'node:assert/strict';
import { auditEventEventSchema, type HokusaiError, keyEventEventSchema } from '@hokusai/contracts';
import { transaction } from '@hokusai/service-kit';
import {
  type Core,
  eventsOf,
  holdKey,
  type IssuedKey,
  outbox,
  refusal,
  waitingForLock,
} from './support/core.ts';
import { freshCore } from './support/fresh-core.ts';

describe('revoking keys', function () {
  this.timeout(120_000);
  let core: Core;
  let admin: IssuedKey;
  freshCore((fresh) => {
    ({ admin, core } = fresh);
  });

  const scopes = ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'];
  const memberKey = () => core.memberKey(admin);
  const child = (of: IssuedKey, userId = of.key.userId) => core.issue(of, { userId, scopes });
  const isRevoked = async ({ key }: IssuedKey) => {
    const { found } = await core.reader.readState(key.id);
    return found?.key.revokedAt !== null;
  };
  const changesOf = async ({ key }: IssuedKey) =>
    (await core.pool.query('select version from key_changes where key_id = $1 order by version', [key.id]))
      .rows;

  it('stops the key and tells everyone, in one transaction', async () => {
    const victim = await child(admin);
    const { key, revokedCount } = await core.revoke(admin, victim.key.id, { reason: 'leaked' });
    assert.equal(revokedCount, 1);
    assert.deepEqual([key.isActive, key.revokedReason], [false, 'leaked']);
    assert.ok(key.version > victim.key.version);
    const told = [String(victim.key.version), String(key.version)];
    assert.deepEqual(
      (await changesOf(victim)).map(({ version }) => version),
      told,
    );
    const [audit, event] = (await outbox(core.pool)).slice(-2);
    const { data } = auditEventEventSchema.parse(audit?.payload);
    assert.deepEqual([data.action, data.outcome, data.reason], ['key.revoked', 'success', 'leaked']);
    assert.deepEqual(data.before, { is_active: true, revoked_at: null });
    assert.deepEqual(data.after, { is_active: false, revoked_at: key.revokedAt?.toISOString() });
    assert.equal(event?.subject, 'hokusai.keys.v1.events.revoked');
    assert.equal(keyEventEventSchema.parse(event.payload).data.is_active, false);
  });

  it('wakes those who listen for changes and events', async () => {
    const victim = await child(admin);
    const heard = new Set<string>();
    const listener = await core.pool.connect();
    try {
      listener.on('notification', ({ channel }) => heard.add(channel));
      await listener.query('listen hokusai_key_changes; listen hokusai_outbox');
      await core.revoke(admin, victim.key.id);
      // Notifications come in the order of commits, and this one after them.
      await listener.query("notify hokusai_outbox, 'last'");
      assert.deepEqual(heard, new Set(['hokusai_key_changes', 'hokusai_outbox']));
    } finally {
      listener.release(true);
    }
  });

  it('changes nothing the second time, and answers the same', async () => {
    const victim = await child(admin);
    const first = await core.revoke(admin, victim.key.id, { reason: 'leaked' });
    const events = (await outbox(core.pool)).length;
    const second = await core.revoke(admin, victim.key.id, { reason: 'other' });
    assert.deepEqual(second, { key: first.key, revokedCount: 0, receipt: null });
    assert.equal((await outbox(core.pool)).length, events);
    assert.equal((await changesOf(victim)).length, 2);
  });

  it('counts once however many revoke at the same time', async () => {
    const victim = await child(admin);
    const events = (await outbox(core.pool)).length;
    const answers = await Promise.all(Array.from({ length: 8 }, () => core.revoke(admin, victim.key.id)));
    assert.equal(
      answers.reduce((sum, { revokedCount }) => sum + revokedCount, 0),
      1,
    );
    assert.equal(new Set(answers.map(({ key }) => key.version)).size, 1);
    assert.equal((await outbox(core.pool)).length, events + 2);
  });

  it('lets versions rise also where the clock stands behind them', async () => {
    const victim = await child(admin);
    const future = victim.key.version + 10n ** 15n;
    await core.pool.query('update api_keys set version = $2 where id = $1', [victim.key.id, String(future)]);
    assert.equal((await core.revoke(admin, victim.key.id)).key.version, future + 1n);
  });

  it('takes descendants along where asked to', async () => {
    const parent = await memberKey();
    const [first, second] = [await child(parent), await child(parent)];
    const grandchild = await child(first);
    assert.equal((await core.revoke(parent, parent.key.id)).revokedCount, 1);
    assert.ok(!(await isRevoked(first)));
    // The parent is revoked already: the rest of the family still goes.
    assert.equal((await core.revoke(admin, parent.key.id, { cascade: true })).revokedCount, 3);
    for (const key of [first, second, grandchild]) assert.ok(await isRevoked(key));
    assert.ok(!(await isRevoked(admin)));
  });

  it('leaves expired descendants be, which no member can make work again then, and finds those behind them', async () => {
    const parent = await memberKey();
    const expired = await child(parent);
    const grandchild = await child(expired);
    const sweep = 'update api_keys set expires_at = now(), is_active = false where id = $1';
    await core.pool.query(sweep, [expired.key.id]);
    const sibling = await core.issue(admin, { userId: parent.key.userId, scopes: parent.key.scopes });
    assert.equal((await core.revoke(admin, parent.key.id, { cascade: true })).revokedCount, 2);
    assert.ok(await isRevoked(grandchild));
    assert.ok(!(await isRevoked(expired)));
    assert.deepEqual(await refusal(core.change(sibling, expired.key.id, { expiresAt: null })), [
      ...(['unprocessable', 'expiry_beyond_creator'] as const),
    ]);
  });

  it('completes nothing for an acting key that is revoked meanwhile', async () => {
    const thief = await memberKey();
    const victim = await core.issue(admin, { userId: thief.key.userId, scopes });
    const release = await holdKey(core.pool, thief.key.id);
    const stopping = core.revoke(admin, thief.key.id);
    await waitingForLock(core.pool, 1);
    const attempt = refusal(core.revoke(thief, victim.key.id));
    await waitingForLock(core.pool, 2);
    await release();
    await stopping;
    assert.deepEqual(await attempt, ['permission_denied', 'key_revoked']);
    assert.ok(!(await isRevoked(victim)));
  });

  it('completes nothing for an acting key whose owner is disabled meanwhile', async () => {
    const thief = await memberKey();
    const victim = await core.issue(admin, { userId: thief.key.userId, scopes });
    const release = await holdKey(core.pool, thief.key.id);
    const disabled = { mask: ['disabled'], disabled: true };
    const nothing = { email: null, displayName: '', role: null, rateLimitPerHour: null };
    const disabling = core.users.updateUser(admin.caller, thief.key.userId, { ...nothing, ...disabled });
    await waitingForLock(core.pool, 1);
    const attempt = refusal(core.revoke(thief, victim.key.id));
    await waitingForLock(core.pool, 2);
    await release();
    await disabling;
    assert.deepEqual(await attempt, ['permission_denied', 'owner_disabled']);
    assert.ok(!(await isRevoked(victim)));
  });

  it('tells the audit log of an expired key what has changed, and nothing else', async () => {
    const victim = await child(admin);
    const sweep = 'update api_keys set expires_at = now(), is_active = false where id = $1';
    await core.pool.query(sweep, [victim.key.id]);
    const [audit] = await eventsOf(core.pool, () => core.revoke(admin, victim.key.id));
    const { before, after } = auditEventEventSchema.parse(audit?.payload).data;
    assert.deepEqual(before, { revoked_at: null });
    assert.deepEqual(Object.keys(after ?? {}), ['revoked_at']);
  });

  it("spares others' keys in a member's cascade", async () => {
    const userId = await core.addUser('admin');
    const demoted = await core.issue(admin, { userId, scopes: ['admin'] });
    const [own, foreign] = [await child(demoted), await child(demoted, await core.addUser())];
    await core.pool.query("update users set role = 'member' where id = $1", [userId]);
    assert.equal((await core.revoke(demoted, demoted.key.id, { cascade: true })).revokedCount, 2);
    assert.ok(await isRevoked(own));
    assert.ok(!(await isRevoked(foreign)));
  });

  it('misses no child that is being created', async () => {
    const parent = await memberKey();
    const [inserted, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const creating = transaction(core.pool, async (client) => {
      // As a creation does: the lock on the creator first, the commit last.
      await client.query('select from api_keys where id = $1 for share', [parent.key.id]);
      const copy = `insert into api_keys (id, key_prefix, key_hash, user_id, created_by_key_id, name, environment,
          scopes, rate_limit_per_hour, version)
        select gen_random_uuid(), 'late', key_hash, user_id, id, 'late', environment, scopes, 1, 1
        from api_keys where id = $1`;
      await client.query(copy, [parent.key.id]);
      inserted.resolve();
      await commit.promise;
    });
    await inserted.promise;
    const revoking = core.revoke(parent, parent.key.id, { cascade: true });
    await waitingForLock(core.pool);
    commit.resolve();
    await creating;
    assert.equal((await revoking).revokedCount, 2);
    const late = await core.pool.query("select revoked_at from api_keys where key_prefix = 'late'");
    assert.notEqual(late.rows[0].revoked_at, null);
  });

  it('leaves no living child of a revoked key, however creation and cascade interleave', async () => {
    const parent = await memberKey();
    const creations = Array.from({ length: 6 }, () => child(parent));
    const cascade = core.revoke(admin, parent.key.id, { cascade: true });
    await Promise.allSettled([...creations, cascade]);
    const alive = 'select from api_keys where created_by_key_id = $1 and is_active';
    assert.equal((await core.pool.query(alive, [parent.key.id])).rowCount, 0);
  });

  it('answers for a foreign key as for an unknown one', async () => {
    const member = await memberKey();
    const unknown = '00000000-0000-4000-8000-00000000dead';
    const answers = new Set<string>();
    for (const id of [admin.key.id, unknown, 'nonsense', '', admin.plaintext]) {
      for (const work of [() => core.revoke(member, id), () => core.management.getKey(member.caller, id)]) {
        const note = (error: HokusaiError) =>
          void answers.add(JSON.stringify([error.code, error.message, error.reason]));
        await work().then(() => assert.fail('was allowed'), note);
      }
    }
    assert.deepEqual(
      [...answers],
      ['["not_found","There is no such key, or it is not yours.","key_not_found"]'],
    );
    const refused = (await outbox(core.pool)).slice(-10).map(({ payload }) => payload.data);
    assert.deepEqual(new Set(refused.map(({ outcome }) => outcome)), new Set(['refused']));
    assert.ok(!JSON.stringify(refused).includes(admin.plaintext.slice(20)));
  });
});
