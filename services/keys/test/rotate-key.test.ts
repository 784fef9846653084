/** Rotation of keys, on real Postgres. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  auditEventEventSchema,
  cloudEvent,
  keyEventEventSchema,
  SUBJECTS,
  type UsageBatch,
} from '@hokusai/contracts';
import { mintKey } from '@hokusai/key-format';
import type { Bus } from '@hokusai/service-kit';
import type { TestDatabase } from '@hokusai/testing';
import { acceptedSecrets } from '../src/domain/key.ts';
import { consumeLastUsed } from '../src/events/last-used.ts';
import {
  type Core,
  eventsOf,
  holdKey,
  type IssuedKey,
  openCore,
  policy,
  refusal,
  versionsTold,
  waitingForLock,
} from './support/core.ts';
import { freshCore } from './support/fresh-core.ts';

const HOUR_MS = 3_600_000;

describe('rotating keys', function () {
  this.timeout(120_000);
  let database: TestDatabase;
  let core: Core;
  let admin: IssuedKey;
  freshCore((fresh) => {
    ({ admin, core, database } = fresh);
  });

  const memberKey = () => core.memberKey(admin);

  /** What becomes of a secret: whether it is accepted, and what it is proved as. */
  async function validate(plaintext: string) {
    const { found, secret, read } = await core.validateKey(plaintext);
    assert.ok(found && secret);
    const accepted = acceptedSecrets(found.key, read.readAt).map(({ keyPrefix }) => keyPrefix);
    return { key: found.key, secret, isAccepted: accepted.includes(secret.keyPrefix) };
  }

  it('replaces the secret, and keeps all else', async () => {
    const before = await core.issue(admin, {
      ...{
        name: 'nightly',
        scopes: ['mlflow:read'],
        allowedIps: ['10.0.0.0/8'],
        metadata: { team: 'vision' },
      },
      limits: { ratePerHour: 7, burst: 8, burstWindowSeconds: 9 },
    });
    const { key, plaintext } = await core.rotate(admin, before.key.id, HOUR_MS);
    assert.match(plaintext, /^hk_live_/);
    assert.equal(key.keyPrefix, plaintext.slice(0, 20));
    assert.notEqual(key.keyPrefix, before.key.keyPrefix);
    const changed = ['keyPrefix', 'rotatedAt', 'version', 'retiredSecrets'];
    const rest = (of: object) => Object.entries(of).filter(([name]) => !changed.includes(name));
    assert.deepEqual(rest(key), rest(before.key));
    assert.ok(key.version > before.key.version);
    const [retired, ...others] = key.retiredSecrets;
    assert.ok(retired && others.length === 0 && key.rotatedAt);
    assert.equal(retired.keyPrefix, before.key.keyPrefix);
    assert.deepEqual(retired.retiredAt, key.rotatedAt);
    assert.equal(retired.validUntil.getTime() - key.rotatedAt.getTime(), HOUR_MS);
    assert.deepEqual(await core.management.getKey(admin.caller, key.id), key);
  });

  it('proves both secrets with a digest and with Argon2, the old one as retired', async () => {
    const before = await core.issue(admin);
    const after = await core.rotate(admin, before.key.id, HOUR_MS);
    assert.ok((await validate(before.plaintext)).isAccepted);
    assert.ok((await validate(after.plaintext)).isAccepted);
    assert.equal(core.counts.verify, 0);
    const { secret } = await validate(before.plaintext);
    assert.deepEqual(secret.retiredAt, after.key.rotatedAt);
    await core.pool.query('update retired_secrets set key_digest = null, pepper_id = null');
    await core.pool.query('update api_keys set key_digest = null, pepper_id = null where id = $1', [
      after.key.id,
    ]);
    assert.ok((await validate(before.plaintext)).isAccepted && (await validate(after.plaintext)).isAccepted);
    assert.equal(core.counts.verify, 2);
  });

  it('ends the old secret at once where no grace is wanted, and proves it still', async () => {
    const before = await core.issue(admin);
    await core.rotate(admin, before.key.id, 0);
    const { isAccepted, secret } = await validate(before.plaintext);
    assert.ok(!isAccepted && secret.retiredAt !== null);
  });

  it('takes the default grace, cut at the end of the key', async () => {
    const forEver = await core.rotate(admin, (await core.issue(admin)).key.id);
    const graceMs = Number(forEver.key.retiredSecrets[0]?.validUntil) - Number(forEver.key.rotatedAt);
    assert.equal(graceMs, policy.rotationGraceMs);
    const expiresAt = new Date(Date.now() + 60_000);
    const expiring = await core.issue(admin, { expiresAt });
    const rotated = await core.rotate(admin, expiring.key.id);
    assert.deepEqual(rotated.key.retiredSecrets[0]?.validUntil, expiresAt);
    assert.deepEqual(await refusal(core.rotate(admin, expiring.key.id, 120_000)), [
      ...(['unprocessable', 'invalid_field'] as const),
    ]);
  });

  it('tells followers, the audit log and outsiders, in the same transaction', async () => {
    const before = await core.issue(admin);
    let after = before;
    const written = await eventsOf(core.pool, async () => {
      after = await core.rotate(admin, before.key.id, HOUR_MS);
    });
    assert.deepEqual(await versionsTold(core.pool, before.key.id), [before.key.version, after.key.version]);
    const [audit, event] = written;
    assert.equal(written.length, 2);
    const { data } = auditEventEventSchema.parse(audit?.payload);
    assert.deepEqual([data.action, data.outcome], ['key.rotated', 'success']);
    const { id, userId } = before.key;
    assert.deepEqual(data.target, { type: 'key', id, owner_user_id: userId });
    assert.deepEqual(data.before, { key_prefix: before.key.keyPrefix });
    assert.deepEqual(data.after, {
      key_prefix: after.key.keyPrefix,
      previous_valid_until: after.key.retiredSecrets[0]?.validUntil.toISOString(),
    });
    assert.equal(event?.subject, 'hokusai.keys.v1.events.rotated');
    assert.equal(keyEventEventSchema.parse(event.payload).data.key_prefix, after.key.keyPrefix);
    for (const { plaintext } of [before, after]) {
      assert.ok(!JSON.stringify(written).includes(plaintext.slice(20, 36)));
    }
  });

  it('refuses without a trace but in the audit log', async () => {
    const mighty = await core.issue(admin, { scopes: ['mlflow:delete'] });
    const clerk = await core.issue(admin, { scopes: ['keys:write'] });
    const written = await eventsOf(core.pool, async () => {
      assert.deepEqual(await refusal(core.rotate(clerk, mighty.key.id)), [
        'permission_denied',
        'scope_not_held',
      ]);
    });
    assert.equal(written.length, 1);
    const { data } = auditEventEventSchema.parse(written[0]?.payload);
    assert.deepEqual([data.action, data.outcome, data.reason], ['key.rotated', 'refused', 'scope_not_held']);
    assert.deepEqual(await core.management.getKey(admin.caller, mighty.key.id), mighty.key);
  });

  it('answers for a foreign key as for an unknown one', async () => {
    const member = await memberKey();
    for (const id of [admin.key.id, randomUUID(), 'nonsense']) {
      assert.deepEqual(await refusal(core.rotate(member, id)), ['not_found', 'key_not_found']);
    }
  });

  it('lets a member rotate their own key with itself, and go on with either secret', async () => {
    const first = await memberKey();
    const second = await core.rotate(first, first.key.id, HOUR_MS);
    assert.equal((await core.management.getKey(first.caller, first.key.id)).keyPrefix, second.key.keyPrefix);
    // The old one ends in an hour: it gets nothing that lasts longer.
    assert.deepEqual(await refusal(core.rotate(first, first.key.id, 0)), [
      ...(['permission_denied', 'expiry_beyond_actor'] as const),
    ]);
    const child = await core.issue(first);
    assert.deepEqual(child.key.expiresAt, second.key.retiredSecrets[0]?.validUntil);
    await core.rotate(second, first.key.id, 0);
  });

  it('keeps five secrets in grace, and no more', async () => {
    let key = await core.issue(admin);
    for (let rotation = 0; rotation < 5; rotation++) key = await core.rotate(admin, key.key.id, HOUR_MS);
    assert.deepEqual(await refusal(core.rotate(admin, key.key.id, HOUR_MS)), [
      'unprocessable',
      'too_many_secrets',
    ]);
    const { key: after } = await core.rotate(admin, key.key.id, 0);
    assert.equal(after.retiredSecrets.length, 6);
    const times = after.retiredSecrets.map(({ retiredAt }) => retiredAt.getTime());
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    );
  });

  it('mints again where a prefix is taken', async () => {
    const taken = mintKey('live', [], randomBytes);
    const minted = [taken, mintKey('live', [], randomBytes), taken];
    const other = openCore(database.url, { mint: () => minted.shift() ?? mintKey('live', [], randomBytes) });
    try {
      const [, second] = [await other.issue(admin), await other.issue(admin)];
      const rotated = await other.rotate(admin, second.key.id);
      assert.notEqual(rotated.key.keyPrefix, taken.prefix);
    } finally {
      await other.close();
    }
  });

  describe('at the same time', () => {
    it('lets one of several win, and tells the others', async () => {
      const { key } = await core.issue(admin);
      const release = await holdKey(core.pool, key.id);
      const rotations = Promise.allSettled([1, 2, 3].map(() => core.rotate(admin, key.id, HOUR_MS)));
      await waitingForLock(core.pool, 3);
      await release();
      const outcomes = await rotations;
      const won = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      assert.equal(won.length, 1);
      for (const one of outcomes) {
        if (one.status === 'rejected') assert.equal(one.reason.reason, 'concurrent_change');
      }
      const after = await core.management.getKey(admin.caller, key.id);
      assert.equal(after.keyPrefix, won[0]?.key.keyPrefix);
      assert.equal(after.retiredSecrets.length, 1);
      assert.ok((await validate(won[0]?.plaintext ?? '')).isAccepted);
    });

    it('tells so also who lost their own secret by it', async () => {
      const member = await memberKey();
      const release = await holdKey(core.pool, member.key.id);
      const rotations = Promise.allSettled(
        ['a', 'b'].map((key) =>
          core.rotate(member, member.key.id, 0, { key, fingerprint: Buffer.alloc(32) }),
        ),
      );
      await waitingForLock(core.pool, 2);
      await release();
      const reasons = (await rotations).map((one) => (one.status === 'rejected' ? one.reason.reason : 'won'));
      assert.deepEqual(reasons.toSorted(), ['concurrent_change', 'won']);
    });

    it('stops with the key where a revocation is first', async () => {
      const { key } = await core.issue(admin);
      const release = await holdKey(core.pool, key.id);
      const revoking = core.revoke(admin, key.id);
      await waitingForLock(core.pool, 1);
      const rotating = refusal(core.rotate(admin, key.id));
      await waitingForLock(core.pool, 2);
      await release();
      assert.deepEqual(await rotating, ['unprocessable', 'key_revoked']);
      assert.equal((await revoking).key.keyPrefix, key.keyPrefix);
    });

    it('leaves no working secret where a revocation is second', async () => {
      const { key } = await core.issue(admin);
      const release = await holdKey(core.pool, key.id);
      const rotating = core.rotate(admin, key.id, HOUR_MS);
      await waitingForLock(core.pool, 1);
      const revoking = core.revoke(admin, key.id);
      await waitingForLock(core.pool, 2);
      await release();
      const { plaintext } = await rotating;
      assert.ok((await revoking).key.revokedAt);
      assert.ok((await validate(plaintext)).key.revokedAt);
      const versions = await versionsTold(core.pool, key.id);
      assert.equal(new Set(versions).size, versions.length);
      assert.equal(versions.length, 3);
    });

    it('completes nothing for an acting key that is revoked meanwhile', async () => {
      const member = await memberKey();
      const { key } = await core.issue(member);
      const release = await holdKey(core.pool, member.key.id);
      const revoking = core.revoke(admin, member.key.id);
      await waitingForLock(core.pool, 1);
      const rotating = refusal(core.rotate(member, key.id));
      await waitingForLock(core.pool, 2);
      await release();
      await revoking;
      assert.deepEqual(await rotating, ['permission_denied', 'key_revoked']);
      assert.equal((await core.management.getKey(admin.caller, key.id)).keyPrefix, key.keyPrefix);
    });
  });

  it('thousands of times costs no read of its state, and shows the newest of its secrets', async () => {
    const { key } = await memberKey();
    await core.pool.query(
      `insert into retired_secrets (key_prefix, key_id, key_hash, retired_at, valid_until)
       select 'old-' || n, $1, '$argon2id$', now() - n * interval '1 minute',
         now() - n * interval '1 minute' + case when n = 4000 then interval '4 days' else interval '0' end
       from generate_series(1, 5000) n`,
      [key.id],
    );
    const { found } = await core.reader.readState(key.id);
    assert.deepEqual(
      found?.key.retiredSecrets.map(({ keyPrefix }) => keyPrefix),
      ['old-4000'],
    );
    const { retiredSecrets } = await core.management.getKey(admin.caller, key.id);
    const newest = Array.from({ length: 20 }, (_, index) => `old-${index + 1}`);
    assert.deepEqual(
      retiredSecrets.map(({ keyPrefix }) => keyPrefix),
      [...newest, 'old-4000'],
    );
  });

  describe('the last use', () => {
    const lastUsed = new Date('2026-01-01T12:00:00Z');
    const use = async (keyId: string, at: Date, ip: string) => {
      const text = 'update api_keys set last_used_at = $2, last_used_ip = $3 where id = $1';
      await core.pool.query(text, [keyId, at, ip]);
    };
    const retiredOf = async (keyId: string) =>
      (await core.management.getKey(admin.caller, keyId)).retiredSecrets.map(
        ({ lastUsedAt, lastUsedIp }) => ({
          ...{ lastUsedAt, lastUsedIp },
        }),
      );

    it('goes with the secret, and stays with the key', async () => {
      const { key } = await core.issue(admin);
      await use(key.id, lastUsed, '2001:db8::7');
      const rotated = await core.rotate(admin, key.id);
      assert.deepEqual([rotated.key.lastUsedAt, rotated.key.lastUsedIp], [lastUsed, '2001:db8::7']);
      const carried = { lastUsedAt: lastUsed, lastUsedIp: '2001:db8::7' };
      assert.deepEqual(await retiredOf(key.id), [carried]);
      // What the second secret was not used for is not said of it.
      await core.rotate(admin, key.id);
      assert.deepEqual(await retiredOf(key.id), [{ lastUsedAt: null, lastUsedIp: null }, carried]);
      const later = new Date(Date.now() + HOUR_MS);
      await use(key.id, later, '192.0.2.1');
      await core.rotate(admin, key.id);
      assert.deepEqual((await retiredOf(key.id))[0], { lastUsedAt: later, lastUsedIp: '192.0.2.1' });
    });

    it('of a secret in its grace is told apart from that of the key', async () => {
      const before = await core.issue(admin);
      await core.rotate(admin, before.key.id, HOUR_MS);
      const report = usageReporter(core);
      const at = new Date(Date.now() - 1000);
      await report(before.key.id, before.key.keyPrefix, at);
      assert.deepEqual(await retiredOf(before.key.id), [{ lastUsedAt: at, lastUsedIp: '192.0.2.9' }]);
    });
  });
});

/** Reports one use of a secret as a gateway does. */
function usageReporter({ pool }: Core) {
  let handle: Parameters<Bus['consume']>[0]['handle'] | undefined;
  const consume: Bus['consume'] = (options) => {
    handle = options.handle;
  };
  consumeLastUsed({ consume }, pool);
  return async (keyId: string, keyPrefix: string, at: Date) => {
    const request = {
      ...{ sequence: 1, key_id: keyId, secret_prefix: keyPrefix, user_id: randomUUID(), upstream: 'mlflow' },
      ...{ endpoint: '/', method: 'GET', timestamp: at.toISOString(), response_time_ms: 1, first_byte_ms: 1 },
      ...{ status_code: 200, refusal: null, bytes_in: 0, bytes_out: 0, client_ip: '192.0.2.9' },
      ...{ user_agent_family: 'curl', request_id: 'r', trace_id: null },
    };
    const batch: UsageBatch = {
      ...{ incarnation: randomUUID(), gateway: 'g', from: 1, to: 1, refusals: [] },
      requests: [request],
    };
    const subject = SUBJECTS.usageRequests;
    const event = { id: randomUUID(), source: '/test', subject, time: at, data: batch };
    const data = cloudEvent(event);
    const text = JSON.stringify(data);
    await handle?.([{ subject, data, text, traceparents: [], streamSequence: 1, receivedAt: at }]);
  };
}
