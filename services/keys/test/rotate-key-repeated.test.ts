/** Rotations that are repeated, on real Postgres. */
import assert from 'node:assert/strict';
import { type Core, type IssuedKey, outbox, refusal } from './support/core.ts';
import { freshCore } from './support/fresh-core.ts';

const HOUR_MS = 3_600_000;

describe('rotating keys more than once with one Idempotency-Key', function () {
  this.timeout(120_000);
  let core: Core;
  let admin: IssuedKey;
  freshCore((fresh) => {
    ({ admin, core } = fresh);
  });

  const memberKey = () => core.memberKey(admin);
  const repetition = { key: 'once', fingerprint: Buffer.alloc(32, 1) };

  it('rotates once, and answers the same secret each time', async () => {
    const { key } = await core.issue(admin);
    const first = await core.rotate(admin, key.id, HOUR_MS, repetition);
    const events = (await outbox(core.pool)).length;
    assert.deepEqual(await core.rotate(admin, key.id, HOUR_MS, repetition), first);
    assert.equal((await outbox(core.pool)).length, events);
    const { rows } = await core.pool.query('select sealed_response from idempotency');
    assert.ok(!rows[0].sealed_response.includes(first.plaintext.slice(20, 36)));
  });

  it('rotates once also where all come at once', async () => {
    const { key } = await core.issue(admin);
    const rotations = [1, 2, 3, 4].map(() => core.rotate(admin, key.id, HOUR_MS, repetition));
    const outcomes = await Promise.allSettled(rotations);
    const secrets = outcomes.flatMap((one) => (one.status === 'fulfilled' ? [one.value.plaintext] : []));
    assert.equal(new Set(secrets).size, 1);
    for (const one of outcomes) {
      if (one.status === 'rejected') assert.equal(one.reason.reason, 'still_running');
    }
    assert.equal((await core.management.getKey(admin.caller, key.id)).retiredSecrets.length, 1);
  });

  it('answers who rotated their own key, by the secret that is in its grace', async () => {
    const member = await memberKey();
    const first = await core.rotate(member, member.key.id, HOUR_MS, repetition);
    assert.equal((await core.rotate(member, member.key.id, HOUR_MS, repetition)).plaintext, first.plaintext);
  });

  it('answers nobody by a secret without a grace, not even who replaced it: others have to help', async () => {
    const member = await memberKey();
    const first = await core.rotate(member, member.key.id, 0, repetition);
    assert.deepEqual(await refusal(core.rotate(member, member.key.id, 0, repetition)), [
      ...(['permission_denied', 'secret_rotated'] as const),
    ]);
    const { key } = await core.rotate(admin, member.key.id, 0);
    assert.notEqual(key.keyPrefix, first.key.keyPrefix);
  });

  it('answers nobody whose key was revoked, or whose owner was disabled, since', async () => {
    const [one, other] = [await memberKey(), await memberKey()];
    for (const key of [one, other]) await core.rotate(key, key.key.id, HOUR_MS, repetition);
    await core.revoke(admin, one.key.id);
    await core.pool.query('update users set disabled_at = now() where id = $1', [other.key.userId]);
    const repeated = [one, other].map((key) => refusal(core.rotate(key, key.key.id, HOUR_MS, repetition)));
    assert.deepEqual(
      (await Promise.all(repeated)).map(([, reason]) => reason),
      ['key_revoked', 'owner_disabled'],
    );
  });

  it('answers no admin who was demoted the secrets of others', async () => {
    const userId = await core.addUser('admin');
    const former = await core.issue(admin, { userId, scopes: ['admin'] });
    const { key } = await memberKey();
    await core.rotate(former, key.id, HOUR_MS, repetition);
    await core.pool.query("update users set role = 'member' where id = $1", [userId]);
    assert.deepEqual(await refusal(core.rotate(former, key.id, HOUR_MS, repetition)), [
      ...(['not_found', 'key_not_found'] as const),
    ]);
  });

  it('refuses another request under the same Idempotency-Key', async () => {
    const { key } = await core.issue(admin);
    await core.rotate(admin, key.id, null, repetition);
    const other = { ...repetition, fingerprint: Buffer.alloc(32, 2) };
    assert.deepEqual(await refusal(core.rotate(admin, key.id, null, other)), [
      'unprocessable',
      'idempotency_key_reused',
    ]);
  });

  it('takes requests of other kinds, and about other keys, for others', async () => {
    const { key } = await core.issue(admin, {}, repetition);
    const other = await core.issue(admin);
    await core.rotate(admin, key.id, null, repetition);
    await core.rotate(admin, other.key.id, null, { ...repetition, fingerprint: Buffer.alloc(32, 2) });
    const { retiredSecrets } = await core.management.getKey(admin.caller, other.key.id);
    assert.equal(retiredSecrets.length, 1);
  });

  it('says so where the secret was replaced since, rather than name another beside it', async () => {
    const { key } = await core.issue(admin);
    await core.rotate(admin, key.id, HOUR_MS, repetition);
    await core.rotate(admin, key.id, HOUR_MS);
    assert.deepEqual(await refusal(core.rotate(admin, key.id, HOUR_MS, repetition)), [
      ...(['conflict', 'rotated_since'] as const),
    ]);
  });
});
