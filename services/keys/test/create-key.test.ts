/** Creation of keys, on real Postgres. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { auditEventEventSchema, type HokusaiError, keyEventEventSchema } from '@hokusai/contracts';
import { mintKey } from '@hokusai/key-format';
import { transaction } from '@hokusai/service-kit';
import type { TestDatabase } from '@hokusai/testing';
import { createKeyStore } from '../src/storage/key-store.ts';
import {
  type Core,
  type IssuedKey,
  openCore,
  outbox,
  policy,
  refusal,
  waitingForLock,
} from './support/core.ts';
import { freshCore } from './support/fresh-core.ts';

describe('creating keys', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  freshCore((fresh) => {
    ({ admin, core, database } = fresh);
  });

  const memberKey = async (userId?: string) =>
    core.issue(admin, {
      userId: userId ?? (await core.addUser()),
      scopes: ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'],
    });

  it('stores what was asked for, verifiers in place of the secret, and how it came about', async () => {
    const userId = await core.addUser();
    const expiresAt = new Date(Date.now() + 3_600_000);
    const { key, plaintext } = await core.issue(admin, {
      ...{
        name: '  nightly ',
        userId,
        environment: 'test',
        scopes: ['mlflow:write', 'mlflow:read'],
        expiresAt,
      },
      limits: { ratePerHour: 7, burst: null, burstWindowSeconds: null },
      ...{ allowedIps: ['10.0.0.0/8', '2001:DB8::1'], metadata: { team: 'vision' } },
    });
    assert.match(plaintext, /^hk_test_/);
    assert.equal(key.keyPrefix, plaintext.slice(0, 20));
    assert.deepEqual(
      { ...key, id: '', createdAt: 0, version: 0n },
      {
        ...{
          id: '',
          keyPrefix: plaintext.slice(0, 20),
          userId,
          userDisplayName: 'Somebody',
          createdByKeyId: admin.key.id,
          name: 'nightly',
        },
        ...{
          environment: 'test',
          scopes: ['mlflow:read', 'mlflow:write'],
          createdAt: 0,
          rotatedAt: null,
          expiresAt,
        },
        ...{ lastUsedAt: null, lastUsedIp: null, isActive: true, revokedAt: null, revokedReason: null },
        limits: { ratePerHour: 7, burst: 100, burstWindowSeconds: 1 },
        ...{ allowedIps: ['10.0.0.0/8', '2001:db8::1/128'], metadata: { team: 'vision' }, version: 0n },
        retiredSecrets: [],
      },
    );
    const { rows } = await core.pool.query('select * from api_keys where id = $1', [key.id]);
    assert.match(rows[0].key_hash, /^\$argon2id\$v=19\$m=8,t=1,p=1\$/);
    assert.equal(rows[0].key_digest.length, 32);
    // Microseconds of the database's clock.
    assert.ok(Math.abs(Number(key.version) / 1000 - Date.now()) < 60_000);
  });

  it('tells followers, the audit log and outsiders, in the same transaction', async () => {
    const { key } = await core.issue(admin, { name: 'ci' });
    const { rows } = await core.pool.query('select key_id, version from key_changes where key_id = $1', [
      key.id,
    ]);
    assert.deepEqual(rows, [{ key_id: key.id, version: String(key.version) }]);
    const written = (await outbox(core.pool)).slice(-2);
    assert.deepEqual(
      written.map(({ subject }) => subject),
      ['hokusai.audit.v1.keys.key.created', 'hokusai.keys.v1.events.created'],
    );
    const audit = auditEventEventSchema.parse(written[0]?.payload);
    assert.equal(audit.id, written[0]?.id);
    assert.deepEqual(audit.data.actor, {
      ...{ user_id: admin.key.userId, key_id: admin.key.id, key_prefix: admin.key.keyPrefix, via: 'gateway' },
    });
    assert.deepEqual(audit.data.target, { type: 'key', id: key.id, owner_user_id: key.userId });
    assert.deepEqual(audit.data.personal, { client_ip: '192.0.2.7', user_agent: 'test/1.0' });
    assert.equal(audit.data.request_id, 'request-1');
    assert.equal(audit.data.after?.['name'], 'ci');
    assert.equal(keyEventEventSchema.parse(written[1]?.payload).data.version, String(key.version));
  });

  it('stores nothing where its events cannot be stored', async () => {
    const before = await core.pool.query('select count(*) from api_keys');
    const store = createKeyStore(core.pool, policy.defaultLimits);
    const breaking = store.transaction(async (tx) => {
      const key = (await tx.readKeys([admin.key.id])).get(admin.key.id)?.key;
      assert.ok(key);
      const secret = { keyPrefix: 'p', hash: '$argon2id$', digest: randomBytes(32), pepperId: 'p' };
      await tx.insertKey('00000000-0000-4000-8000-000000000001', { ...key, scopes: [] }, secret);
      await tx.addEvents([{ id: '00000000-0000-4000-8000-000000000002', subject: 's', payload: 'no JSON' }]);
    });
    await assert.rejects(breaking, { code: '22P02' });
    assert.deepEqual((await core.pool.query('select count(*) from api_keys')).rows, before.rows);
    assert.equal((await core.pool.query("select from api_keys where key_prefix = 'p'")).rowCount, 0);
  });

  it('refuses what the acting key may not do, and tells the audit log only', async () => {
    const member = await memberKey();
    const before = (await outbox(core.pool)).length;
    assert.deepEqual(await refusal(core.issue(member, { scopes: ['mlflow:delete'] })), [
      'unprocessable',
      'scope_not_held',
    ]);
    const written = (await outbox(core.pool)).slice(before);
    assert.deepEqual(
      written.map(({ subject }) => subject),
      ['hokusai.audit.v1.keys.key.created'],
    );
    const { data } = auditEventEventSchema.parse(written[0]?.payload);
    assert.deepEqual(
      [data.outcome, data.reason, data.actor.user_id],
      ['refused', 'scope_not_held', member.key.userId],
    );
    assert.equal(data.target, null);
  });

  it('decides from the acting key as it is now', async () => {
    const member = await memberKey();
    await core.issue(member);
    await core.pool.query('update users set disabled_at = now() where id = $1', [member.key.userId]);
    assert.deepEqual(await refusal(core.issue(member)), ['permission_denied', 'owner_disabled']);
    await core.pool.query('update users set disabled_at = null where id = $1', [member.key.userId]);
    await core.pool.query('update api_keys set expires_at = now() where id = $1', [member.key.id]);
    assert.deepEqual(await refusal(core.issue(member)), ['permission_denied', 'key_expired']);
    const nobody = { ...member, caller: { ...member.caller, actingKeyId: '' } };
    assert.deepEqual(await refusal(core.issue(nobody)), ['unauthenticated', 'unknown_key']);
    const garbage = { ...member, caller: { ...member.caller, actingKeyId: "x' or 1=1" } };
    assert.deepEqual(await refusal(core.issue(garbage)), ['unauthenticated', 'unknown_key']);
  });

  it('answers for a foreign owner as for an unknown one', async () => {
    const member = await memberKey();
    const answers: string[] = [];
    for (const userId of [admin.key.userId, '00000000-0000-4000-8000-00000000dead', 'nonsense']) {
      await core.issue(member, { userId }).catch((error: HokusaiError) => {
        answers.push(JSON.stringify([error.code, error.message, error.reason, error.violations]));
      });
    }
    assert.equal(answers.length, 3);
    assert.equal(new Set(answers).size, 1);
  });

  it('lets two at once not exceed the number of keys', async () => {
    const member = await memberKey();
    for (let keys = 1; keys < policy.maxKeysPerUser - 1; keys++) await core.issue(member);
    const outcomes = await Promise.allSettled(Array.from({ length: 6 }, () => core.issue(member)));
    assert.equal(outcomes.filter(({ status }) => status === 'fulfilled').length, 1);
    for (const outcome of outcomes) {
      if (outcome.status === 'rejected') assert.equal(outcome.reason.reason, 'too_many_keys');
    }
    await core.revoke(member, member.key.id).then(() => core.issue(admin, { userId: member.key.userId }));
  });

  it('waits for a disabling of its owner that is under way', async () => {
    const member = await memberKey();
    const disabled = Promise.withResolvers<void>();
    const commit = Promise.withResolvers<void>();
    const disabling = transaction(core.pool, async (client) => {
      await client.query('update users set disabled_at = now() where id = $1', [member.key.userId]);
      disabled.resolve();
      await commit.promise;
    });
    await disabled.promise;
    const creating = refusal(core.issue(admin, { userId: member.key.userId }));
    await waitingForLock(core.pool);
    commit.resolve();
    await disabling;
    assert.deepEqual(await creating, ['unprocessable', 'owner_disabled']);
  });

  it('mints again where a prefix is taken, and gives up on a broken source', async () => {
    const taken = mintKey('live', [], randomBytes);
    const minted = [taken, taken, mintKey('live', [], randomBytes)];
    const other = openCore(database.url, { mint: () => minted.shift() ?? taken });
    try {
      const first = await other.issue(admin);
      const second = await other.issue(admin);
      assert.notEqual(second.key.keyPrefix, first.key.keyPrefix);
      assert.deepEqual(await refusal(other.issue(admin)), ['conflict', 'prefix_taken']);
    } finally {
      await other.close();
    }
  });

  describe('more than once with one Idempotency-Key', () => {
    const repetition = { key: 'once', fingerprint: Buffer.alloc(32, 1) };
    const countKeys = async () => (await core.pool.query('select from api_keys')).rowCount;

    it('makes one key, and answers it each time', async () => {
      const first = await core.issue(admin, {}, repetition);
      const count = await countKeys();
      assert.deepEqual(await core.issue(admin, {}, repetition), first);
      assert.equal(await countKeys(), count);
      await core.issue(admin, {}, { ...repetition, key: 'twice' });
      const other = await core.issue(admin, { scopes: ['keys:write', 'mlflow:read', 'mlflow:write'] });
      await core.issue(other, {}, repetition);
      assert.equal(await countKeys(), (count ?? 0) + 3);
    });

    it('makes one key also where all come at once', async () => {
      const count = (await countKeys()) ?? 0;
      const questions = Array.from({ length: 8 }, () => core.issue(admin, {}, repetition));
      const outcomes = await Promise.allSettled(questions);
      const plaintexts = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.plaintext] : []));
      assert.equal(new Set(plaintexts).size, 1);
      for (const one of outcomes)
        if (one.status === 'rejected') assert.equal(one.reason.reason, 'still_running');
      assert.equal(await countKeys(), count + 1);
    });

    it('refuses another body, and forgets after ten minutes', async () => {
      const first = await core.issue(admin, {}, repetition);
      const otherBody = { ...repetition, fingerprint: Buffer.alloc(32, 2) };
      assert.deepEqual(await refusal(core.issue(admin, {}, otherBody)), [
        'unprocessable',
        'idempotency_key_reused',
      ]);
      const { rows } = await core.pool.query('select expires_at - answered_at as life from idempotency');
      assert.equal(rows[0].life.minutes, 10);
      await core.pool.query('update idempotency set expires_at = now()');
      assert.notEqual((await core.issue(admin, {}, otherBody)).plaintext, first.plaintext);
      assert.equal((await core.pool.query('select from idempotency')).rowCount, 1);
    });

    it('answers nobody whose key works no more', async () => {
      const scopes = ['keys:write', 'mlflow:read', 'mlflow:write'];
      const creator = await core.issue(admin, { scopes });
      await core.issue(creator, {}, repetition);
      await core.revoke(admin, creator.key.id);
      assert.deepEqual(await refusal(core.issue(creator, {}, repetition)), [
        'permission_denied',
        'key_revoked',
      ]);
    });

    it('answers no admin who was demoted what became of the keys of others', async () => {
      const userId = await core.addUser('admin');
      const former = await core.issue(admin, { userId, scopes: ['admin'] });
      const request = { userId: await core.addUser(), scopes: ['mlflow:read'] };
      await core.issue(former, request, repetition);
      await core.pool.query("update users set role = 'member' where id = $1", [userId]);
      assert.deepEqual(await refusal(core.issue(former, request, repetition)), [
        'not_found',
        'key_not_found',
      ]);
    });

    it('keeps the plaintext sealed', async () => {
      const { plaintext } = await core.issue(admin, {}, repetition);
      const { rows } = await core.pool.query('select sealed_response from idempotency');
      assert.ok(rows[0].sealed_response.length > plaintext.length);
      assert.ok(!rows[0].sealed_response.includes(plaintext.slice(20, 36)));
    });
  });
});
