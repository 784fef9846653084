/** What a change of a user does to their keys, at once and for every follower, on real Postgres. */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { transaction } from '@hokusai/service-kit';
import type { TestDatabase } from '@hokusai/testing';
import type { UserUpdateRequest } from '../src/domain/user-access.ts';
import { type Core, type IssuedKey, openCore, outbox, refusal, waitingForLock } from './support/core.ts';
import { TestFollower } from './support/follower.ts';
import { freshCore } from './support/fresh-core.ts';
import { type Replica, startReplica } from './support/replica.ts';

const update: UserUpdateRequest = {
  ...{ mask: [], email: null, displayName: '', role: null, disabled: false, rateLimitPerHour: null },
};

describe("a user's keys", function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  freshCore((fresh) => {
    ({ admin, core, database } = fresh);
  });

  const change = (id: string, request: Partial<UserUpdateRequest>, by = admin) =>
    core.users.updateUser(by.caller, id, { ...update, ...request });
  const disable = (id: string, by = admin) => change(id, { mask: ['disabled'], disabled: true }, by);
  const enable = (id: string) => change(id, { mask: ['disabled'], disabled: false });
  const demote = (id: string, by = admin) => change(id, { mask: ['role'], role: 'member' }, by);

  const scopes = ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'];
  const keyOf = (userId: string, keyScopes = scopes) => core.issue(admin, { userId, scopes: keyScopes });
  const stateOf = async ({ key }: { key: { id: string } }) =>
    (await core.reader.readState(key.id)).found ?? assert.fail();
  const attempt = (by: IssuedKey) => core.management.getKey(by.caller, by.key.id);
  /** The versions that were told of since the key's creation. */
  const toldOf = async ({ key }: IssuedKey) => {
    const versions = 'select version from key_changes where key_id = $1 and version > $2 order by version';
    const { rows } = await core.pool.query(versions, [key.id, String(key.version)]);
    return rows.map(({ version }) => BigInt(version));
  };

  it('all stop when their owner is disabled, and come back when enabled', async () => {
    const userId = await core.addUser();
    const keys = [await keyOf(userId), await keyOf(userId), await keyOf(userId)];
    const bystander = await keyOf(await core.addUser());
    const { disabledAt } = await disable(userId);
    assert.ok(disabledAt);
    for (const key of keys) {
      const state = await stateOf(key);
      assert.deepEqual(state.owner.disabledAt, disabledAt);
      assert.deepEqual(await toldOf(key), [state.key.version]);
      assert.deepEqual(await refusal(attempt(key)), ['permission_denied', 'owner_disabled']);
      assert.deepEqual((await core.validateKey(key.plaintext)).found?.owner.disabledAt, disabledAt);
    }
    await enable(userId);
    for (const key of keys) {
      const state = await stateOf(key);
      assert.equal(state.owner.disabledAt, null);
      assert.deepEqual([(await toldOf(key)).length, (await toldOf(key)).at(-1)], [2, state.key.version]);
      assert.equal((await attempt(key)).isActive, true);
    }
    assert.deepEqual(await toldOf(bystander), []);
    const actions = (await outbox(core.pool)).flatMap(({ payload: { data } }) =>
      data['outcome'] === 'success' && String(data['action']).startsWith('user.') ? [data] : [],
    );
    const [off, on] = actions.slice(-2);
    assert.deepEqual([off?.['action'], off?.['before']], ['user.disabled', { disabled: false }]);
    assert.deepEqual([on?.['action'], on?.['after']], ['user.enabled', { disabled: false }]);
  });

  it('that are revoked, or were found to be expired, stay as they are', async () => {
    const userId = await core.addUser();
    const [revoked, expired, swept] = [await keyOf(userId), await keyOf(userId), await keyOf(userId)];
    await core.revoke(admin, revoked.key.id);
    await core.pool.query('update api_keys set expires_at = now() where id = $1', [expired.key.id]);
    const sweep = 'update api_keys set expires_at = now(), is_active = false where id = $1';
    await core.pool.query(sweep, [swept.key.id]);
    await disable(userId);
    assert.equal((await toldOf(revoked)).length, 1);
    assert.equal((await toldOf(expired)).length, 1);
    assert.equal((await toldOf(swept)).length, 0);
    assert.notEqual((await stateOf(revoked)).key.revokedAt, null);
  });

  it('that are expired rise when they are made to work again, so that nobody remembers the owner as they were', async () => {
    const userId = await core.addUser();
    const swept = await keyOf(userId);
    const sweep = 'update api_keys set expires_at = now(), is_active = false where id = $1';
    await core.pool.query(sweep, [swept.key.id]);
    await disable(userId);
    await core.change(admin, swept.key.id, { expiresAt: null });
    const state = await stateOf(swept);
    assert.deepEqual(await toldOf(swept), [state.key.version]);
    assert.notEqual(state.owner.disabledAt, null);
  });

  it('rise with every change of their owner that there is', async () => {
    const userId = await core.addUser();
    const key = await keyOf(userId);
    await change(userId, { mask: ['rate_limit_per_hour'], rateLimitPerHour: 9 });
    assert.deepEqual([(await stateOf(key)).owner.rateLimitPerHour, (await toldOf(key)).length], [9, 1]);
    await change(userId, { mask: ['role'], role: 'admin' });
    await change(userId, { mask: ['display_name'], displayName: 'Else' });
    assert.deepEqual([(await stateOf(key)).owner.displayName, (await toldOf(key)).length], ['Else', 3]);
  });

  it('lose the scope admin at once when their owner is demoted', async () => {
    const userId = await core.addUser('admin');
    const key = await keyOf(userId, ['admin']);
    await core.users.getUser(key.caller, userId);
    await demote(userId);
    const noScope = ['permission_denied', 'scope_missing'];
    assert.deepEqual(await refusal(core.users.getUser(key.caller, userId)), noScope);
    assert.deepEqual(await refusal(core.management.getKey(key.caller, admin.key.id)), [
      'not_found',
      'key_not_found',
    ]);
    const state = await stateOf(key);
    assert.deepEqual([state.owner.role, await toldOf(key)], ['member', [state.key.version]]);
    // What its scopes allow beside admin, it still may.
    assert.equal((await attempt(key)).id, key.key.id);
  });

  it('stop or do not with all that is said of it: there is no half of a change', async () => {
    const userId = await core.addUser();
    const key = await keyOf(userId);
    // The last thing that a change does is to write its event.
    await using _ = await withoutOutbox();
    await assert.rejects(disable(userId), { code: '42501' });
    const { owner } = await stateOf(key);
    assert.deepEqual([owner.disabledAt, await toldOf(key)], [null, []]);
  });

  async function withoutOutbox(): Promise<AsyncDisposable> {
    const owner = openCore(database.ownerUrl);
    await owner.pool.query('revoke insert on outbox from hokusai_keys');
    return { [Symbol.asyncDispose]: () => owner.close() };
  }

  it('that change wake those who listen for changes and events', async () => {
    const key = await keyOf(await core.addUser());
    const listener = await core.pool.connect();
    const heard = new Set<string>();
    try {
      listener.on('notification', ({ channel }) => heard.add(channel));
      await listener.query('listen hokusai_key_changes; listen hokusai_outbox');
      await disable(key.key.userId);
      // Notifications come in the order of commits, and this one after them.
      await listener.query("notify hokusai_outbox, 'last'");
      assert.deepEqual(heard, new Set(['hokusai_key_changes', 'hokusai_outbox']));
    } finally {
      listener.release(true);
    }
  });

  it('are none that work where creations and the disabling of their owner interleave', async () => {
    const userId = await core.addUser('admin');
    const outcomes = Promise.allSettled(Array.from({ length: 8 }, () => keyOf(userId)));
    const { disabledAt } = await disable(userId);
    for (const outcome of await outcomes) {
      if (outcome.status === 'rejected') assert.equal(outcome.reason.reason, 'owner_disabled');
      else {
        const state = await stateOf(outcome.value);
        assert.deepEqual(await toldOf(outcome.value), [state.key.version], 'risen since its creation');
      }
    }
    assert.ok(disabledAt);
  });

  it('make nobody any more once their owner is disabled, also where that was under way', async () => {
    const former = await keyOf(await core.addUser('admin'), ['admin']);
    const [held, disabled] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const disabling = transaction(core.pool, async (client) => {
      await client.query('update users set disabled_at = now() where id = $1', [former.key.userId]);
      held.resolve();
      await disabled.promise;
    });
    await held.promise;
    const evil = { externalId: null, email: null, displayName: 'Evil', rateLimitPerHour: null };
    const creating = refusal(core.users.createUser(former.caller, { ...evil, role: 'admin' }, null));
    await waitingForLock(core.pool);
    disabled.resolve();
    await disabling;
    assert.deepEqual(await creating, ['permission_denied', 'owner_disabled']);
  });

  describe('of two admins', () => {
    let first: IssuedKey;
    let second: IssuedKey;

    beforeEach(async () => {
      first = await keyOf(await core.addUser('admin'), ['admin']);
      second = await keyOf(await core.addUser('admin'), ['admin']);
    });

    const oneWins = async (attempts: Promise<unknown>[], reason: string) => {
      const outcomes = await Promise.allSettled(attempts);
      const lost = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
      assert.deepEqual(
        lost.map((error) => [error.code, error.reason]),
        [['permission_denied', reason]],
      );
    };

    for (let round = 1; round <= 3; round += 1) {
      it(`who disable each other one stays (${round})`, async () => {
        await oneWins(
          [disable(first.key.userId, second), disable(second.key.userId, first)],
          'owner_disabled',
        );
      });

      it(`who demote each other one stays (${round})`, async () => {
        await oneWins([demote(first.key.userId, second), demote(second.key.userId, first)], 'scope_missing');
      });
    }

    it('the one who waits for the other is judged by what they are then', async () => {
      const [locked, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const disabling = transaction(core.pool, async (client) => {
        await client.query('update users set disabled_at = now() where id = $1', [first.key.userId]);
        locked.resolve();
        await commit.promise;
      });
      await locked.promise;
      const late = refusal(disable(second.key.userId, first));
      await waitingForLock(core.pool);
      commit.resolve();
      await disabling;
      assert.deepEqual(await late, ['permission_denied', 'owner_disabled']);
      assert.equal((await stateOf(second)).owner.disabledAt, null);
    });
  });

  describe('as followers hear of them', () => {
    let replica: Replica;
    let follower: TestFollower;

    beforeEach(async () => {
      replica = await startReplica(database.url);
      follower = new TestFollower({ address: replica.address });
      await follower.nextTick();
    });

    afterEach(async () => {
      await follower.close();
      await replica.close();
    });

    it('change in one tick, all of them, with the versions that a read finds', async () => {
      const userId = await core.addUser();
      const keys = [await keyOf(userId), await keyOf(userId), await keyOf(userId)];
      for (const key of keys) await follower.change(key.key.id);
      await disable(userId);
      const states = await Promise.all(keys.map(stateOf));
      const tick = await follower.tick(({ changes }) =>
        changes.some(({ version }) => version === String(states[0]?.key.version)),
      );
      const told = new Map(tick.changes.map(({ keyId, version }) => [keyId, version]));
      for (const { key } of states) assert.equal(told.get(key.id), String(key.version));
    });

    it('stop also where their creation is not committed yet', async () => {
      const userId = await core.addUser();
      const model = await keyOf(userId);
      const lateId = randomUUID();
      const [inserted, commit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
      const creating = core.store.transaction(async (tx) => {
        // As a creation does: the lock on the owner first, the commit last.
        await tx.lockUsers([userId]);
        const secret = { keyPrefix: 'late', hash: '$argon2id$', digest: Buffer.alloc(32), pepperId: 'p' };
        const { key } = await stateOf(model);
        await tx.insertKey(lateId, { ...key, scopes: ['mlflow:read'] }, secret);
        inserted.resolve();
        await commit.promise;
      });
      await inserted.promise;
      const disabling = disable(userId);
      await waitingForLock(core.pool);
      commit.resolve();
      await creating;
      await disabling;
      const late = await stateOf({ key: { id: lateId } });
      assert.notEqual(late.owner.disabledAt, null);
      await follower.tick(({ changes }) =>
        changes.some(({ keyId, version }) => keyId === lateId && version === String(late.key.version)),
      );
      const versions = 'select from key_changes where key_id = $1';
      assert.equal((await core.pool.query(versions, [lateId])).rowCount, 2, 'made, then stopped');
    });
  });
});
