import assert from 'node:assert/strict';
import { admin, HOUR_MS, inHours, member, now, ownedKey, refusalOf } from '../../test/support/domain.ts';
import type { Actor } from './actor.ts';
import type { OwnedKey } from './key.ts';
import { decideRotation, decideSecretEnd } from './rotate-key.ts';

const DAY_MS = 24 * HOUR_MS;

interface Attempt {
  actor?: Actor;
  target?: OwnedKey | null;
  graceMs?: number | null;
  defaultGraceMs?: number;
}

function decide({
  actor = member,
  target = ownedKey(),
  graceMs = null,
  defaultGraceMs = DAY_MS,
}: Attempt = {}) {
  return decideRotation(actor, target, graceMs, defaultGraceMs, now);
}

const refusal = (attempt: Attempt) => refusalOf(() => decide(attempt));

const retired = (name: string, validUntil: Date) => ({
  ...{ keyPrefix: `hk_live_${name}`, retiredAt: inHours(-1), validUntil, lastUsedAt: null, lastUsedIp: null },
});

describe('decideRotation', () => {
  it('gives the old secret the grace asked for, or else the default as far as the key lives', () => {
    assert.deepEqual(decide().validUntil, inHours(24));
    assert.deepEqual(decide({ graceMs: 0 }).validUntil, now);
    assert.deepEqual(decide({ graceMs: 30 * DAY_MS }).validUntil, inHours(720));
    const expiring = ownedKey({ expiresAt: inHours(3) });
    assert.deepEqual(decide({ target: expiring }).validUntil, inHours(3));
    assert.deepEqual(decide({ target: expiring, defaultGraceMs: HOUR_MS }).validUntil, inHours(1));
    assert.deepEqual(decide({ target: expiring, graceMs: 3 * HOUR_MS }).validUntil, inHours(3));
  });

  it('refuses a grace that is none, or longer than 30 days or than the life of the key', () => {
    const wrong = { code: 'unprocessable', reason: 'invalid_field', paths: ['grace_period_seconds'] };
    for (const graceMs of [-1, 30 * DAY_MS + 1, Number.NaN, Number.POSITIVE_INFINITY]) {
      assert.deepEqual(refusal({ graceMs }), wrong);
    }
    assert.deepEqual(
      refusal({ target: ownedKey({ expiresAt: inHours(3) }), graceMs: 3 * HOUR_MS + 1 }),
      wrong,
    );
  });

  it('needs keys:write, and a key that the actor reaches', () => {
    const reader = { ...member, scopes: ['keys:read', 'mlflow:read', 'mlflow:write'] } as const;
    assert.equal(refusal({ actor: reader }).reason, 'scope_missing');
    const foreign = ownedKey({ userId: 'u-other' }, { userId: 'u-other' });
    assert.deepEqual(refusal({ target: foreign }), refusal({ target: null }));
    assert.equal(refusal({ target: null }).code, 'not_found');
    decide({ actor: admin, target: foreign });
  });

  it('refuses a key that works no more', () => {
    const revoked = ownedKey({ isActive: false, revokedAt: inHours(-1) });
    assert.deepEqual(refusal({ target: revoked }), {
      code: 'unprocessable',
      reason: 'key_revoked',
      paths: [''],
    });
    for (const key of [{ expiresAt: now }, { isActive: false }]) {
      assert.equal(refusal({ target: ownedKey(key) }).reason, 'key_expired');
    }
  });

  it('gives nobody a secret that may do more than their own', () => {
    const cases: [string, Attempt][] = [
      ['scope_not_held', { target: ownedKey({ scopes: ['mlflow:delete'] }) }],
      ['environment_escalation', { actor: { ...member, environment: 'test' } }],
      ['expiry_beyond_actor', { actor: { ...member, expiresAt: inHours(1) } }],
      ['expiry_beyond_actor', { actor: { ...admin, expiresAt: inHours(1) } }],
      ['address_beyond_actor', { actor: { ...member, allowedIps: ['10.0.0.0/8'] } }],
      ['limit_beyond_actor', { actor: { ...member, limits: { ...member.limits, burst: 99 } } }],
    ];
    for (const [reason, attempt] of cases) {
      assert.deepEqual(refusal(attempt), { code: 'permission_denied', reason, paths: [] });
    }
    decide({ actor: { ...admin, limits: { ...admin.limits, burst: 1 } } });
    decide({ actor: member, target: ownedKey({ environment: 'test' }) });
  });

  it('counts a scope that sleeps until its owner is an admin again', () => {
    const demoted = ownedKey({ scopes: ['admin'] });
    const actor = { ...member, scopes: admin.scopes.filter((scope) => scope !== 'admin') };
    assert.equal(refusal({ actor, target: demoted }).reason, 'scope_not_held');
    decide({ actor: { ...actor, keyId: demoted.key.id }, target: demoted });
  });

  it('lets a key rotate itself, but no retired secret beget one that outlives it', () => {
    const target = ownedKey({ id: member.keyId, scopes: [...member.scopes], expiresAt: inHours(9) });
    decide({ actor: { ...member, expiresAt: inHours(9) }, target });
    assert.equal(
      refusal({ actor: { ...member, expiresAt: inHours(1) }, target }).reason,
      'expiry_beyond_actor',
    );
  });

  it('allows five secrets in grace at once', () => {
    const inGrace = [1, 2, 3, 4].map((number) => retired(String(number), inHours(1)));
    const four = ownedKey({ retiredSecrets: [...inGrace, retired('ended', now)] });
    decide({ target: four });
    const five = ownedKey({ retiredSecrets: [...inGrace, retired('5', inHours(1))] });
    assert.deepEqual(refusal({ target: five }), {
      code: 'unprocessable',
      reason: 'too_many_secrets',
      paths: [''],
    });
    decide({ target: five, graceMs: 0 });
  });
});

describe('decideSecretEnd', () => {
  const target = ownedKey({ retiredSecrets: [retired('old', inHours(1))] });

  it('finds the retired secret, and nothing else', () => {
    assert.equal(decideSecretEnd(member, target, 'hk_live_old').secret.keyPrefix, 'hk_live_old');
    for (const prefix of ['hk_live_other', target.key.keyPrefix, '']) {
      const refused = refusalOf(() => decideSecretEnd(member, target, prefix));
      assert.deepEqual([refused.code, refused.reason], ['not_found', 'secret_not_found']);
    }
  });

  it('needs keys:write, and a key that the actor reaches', () => {
    const reader: Actor = { ...member, scopes: ['keys:read'] };
    assert.equal(refusalOf(() => decideSecretEnd(reader, target, 'hk_live_old')).reason, 'scope_missing');
    assert.equal(refusalOf(() => decideSecretEnd(member, null, 'hk_live_old')).reason, 'key_not_found');
  });
});
