import assert from 'node:assert/strict';
import { UNKNOWN_ADDRESS } from '@hokusai/contracts/addresses';
import { HokusaiError } from '@hokusai/contracts/errors';
import { SCOPES } from '@hokusai/contracts/scopes';
import { decideListing, decideRead, decideRevocation } from './access.ts';
import { type Actor, admit, type Caller } from './actor.ts';
import type { Key, OwnedKey, Owner } from './key.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const at = (ms: number) => new Date(now.getTime() + ms);

const caller: Caller = {
  ...{ actingKeyId: 'k1', actingKeyPrefix: 'hk_live_current', requestId: 'r', clientIp: '10.0.0.1' },
  ...{ userAgent: '', traceId: '', service: 'gateway' },
};
const owner: Owner = {
  ...{ userId: 'u1', displayName: 'One', role: 'member', disabledAt: null, rateLimitPerHour: null },
};
const key: Key = {
  ...{
    id: 'k1',
    keyPrefix: 'hk_live_current',
    userId: 'u1',
    userDisplayName: 'One',
    createdByKeyId: null,
    name: 'one',
  },
  ...{ environment: 'live', scopes: ['keys:read', 'keys:write'], createdAt: at(-1e6), rotatedAt: null },
  ...{
    expiresAt: null,
    lastUsedAt: null,
    lastUsedIp: null,
    isActive: true,
    revokedAt: null,
    revokedReason: null,
  },
  limits: { ratePerHour: 1, burst: 1, burstWindowSeconds: 1 },
  ...{ allowedIps: [], metadata: {}, version: 1n, retiredSecrets: [] },
};

function refusalOf(work: () => unknown): [code: string, reason: string | undefined] {
  try {
    work();
    return assert.fail('was allowed');
  } catch (error) {
    if (!(error instanceof HokusaiError)) throw error;
    return [error.code, error.reason];
  }
}

describe('admit', () => {
  const acting = (keyChange: Partial<Key>, ownerChange: Partial<Owner> = {}): OwnedKey => ({
    key: { ...key, ...keyChange },
    owner: { ...owner, ...ownerChange },
  });

  it('lets a working key in with what key and role both allow', () => {
    assert.deepEqual(admit(caller, acting({}), now), {
      ...{
        keyId: 'k1',
        userId: 'u1',
        isAdmin: false,
        scopes: ['keys:read', 'keys:write'],
        environment: 'live',
      },
      ...{ expiresAt: null, allowedIps: [], limits: key.limits },
    });
    const demoted = admit(caller, acting({ scopes: ['admin'] }), now);
    assert.ok(!demoted.isAdmin && !demoted.scopes.includes('admin') && demoted.scopes.includes('keys:write'));
    assert.ok(admit(caller, acting({ scopes: ['admin'] }, { role: 'admin' }), now).isAdmin);
    assert.ok(!admit(caller, acting({}, { role: 'admin' }), now).isAdmin);
  });

  it('ends with the grace of the secret that was used, or with the key if that is earlier', () => {
    const retired = { retiredAt: at(-9), validUntil: at(5), lastUsedAt: null, lastUsedIp: null };
    const secrets = { retiredSecrets: [{ ...retired, keyPrefix: 'hk_live_retired' }] };
    const byRetired = { ...caller, actingKeyPrefix: 'hk_live_retired' };
    assert.deepEqual(admit(byRetired, acting(secrets), now).expiresAt, at(5));
    assert.deepEqual(admit(byRetired, acting({ ...secrets, expiresAt: at(3) }), now).expiresAt, at(3));
    assert.deepEqual(admit(caller, acting({ ...secrets, expiresAt: at(8) }), now).expiresAt, at(8));
  });

  it('judges the address of a call that has one, be it that it is not known', () => {
    const restricted = acting({ allowedIps: ['0.0.0.0/0', '::/0'] });
    assert.ok(admit({ ...caller, clientIp: '' }, restricted, now));
    const unknown = { ...caller, clientIp: UNKNOWN_ADDRESS };
    assert.throws(() => admit(unknown, restricted, now), /from an address that can't be told/);
    assert.ok(admit(unknown, acting({}), now));
  });

  it('gives the most final reason of several, in the order of the gateway', () => {
    const states: [Partial<Key>, Partial<Owner>?][] = [
      [{ revokedAt: at(-1) }],
      [{}, { disabledAt: at(-1) }],
      [{ isActive: false, expiresAt: at(-1) }],
      [{ keyPrefix: 'hk_live_newer' }],
      [{ allowedIps: ['192.168.0.0/16'] }],
    ];
    const reasons = states.map((_, first) => {
      const [keys, owners] = [0, 1].map((half) =>
        Object.assign({}, ...states.slice(first).map((s) => s[half])),
      );
      return refusalOf(() => admit(caller, acting(keys, owners), now))[1];
    });
    assert.deepEqual(reasons, [
      ...['key_revoked', 'owner_disabled', 'key_expired', 'secret_rotated', 'address_not_allowed'],
    ]);
  });

  it('refuses a key that works no more, and says why', () => {
    const retired = { keyPrefix: 'hk_live_retired', retiredAt: at(-9), validUntil: now };
    const cases: [string, OwnedKey][] = [
      ['key_revoked', acting({ isActive: false, revokedAt: at(-1) })],
      ['key_expired', acting({ expiresAt: now })],
      ['key_expired', acting({ isActive: false })],
      ['owner_disabled', acting({}, { disabledAt: at(-1) })],
      ['address_not_allowed', acting({ allowedIps: ['192.168.0.0/16'] })],
      ['secret_rotated', acting({ keyPrefix: 'hk_live_newer' })],
      [
        'secret_rotated',
        acting({
          keyPrefix: 'hk_live_newer',
          retiredSecrets: [{ ...retired, lastUsedAt: null, lastUsedIp: null }],
        }),
      ],
    ];
    for (const [reason, state] of cases) {
      assert.deepEqual(
        refusalOf(() => admit(caller, state, now)),
        ['permission_denied', reason],
      );
    }
    assert.deepEqual(
      refusalOf(() => admit(caller, null, now)),
      ['unauthenticated', 'unknown_key'],
    );
  });

  it('accepts a retired secret in its grace', () => {
    const retired = { keyPrefix: 'hk_live_current', retiredAt: at(-9), validUntil: at(1) };
    const retiredSecrets = [{ ...retired, lastUsedAt: null, lastUsedIp: null }];
    admit(caller, acting({ keyPrefix: 'hk_live_newer', retiredSecrets }), now);
  });
});

describe('who may do what with a key', () => {
  const actorOf = (change: Partial<Actor>): Actor => ({
    ...{
      keyId: 'k1',
      userId: 'u1',
      isAdmin: false,
      scopes: ['keys:read', 'keys:write'],
      environment: 'live',
    },
    ...{ expiresAt: null, allowedIps: [], limits: key.limits },
    ...change,
  });
  const ownKey: OwnedKey = { key, owner };
  const foreignKey: OwnedKey = { key, owner: { ...owner, userId: 'u2' } };
  const revocation = { reason: '', cascade: false, wait: false };
  const operations = {
    read: (actor: Actor, target: OwnedKey | null) => decideRead(actor, target),
    revoke: (actor: Actor, target: OwnedKey | null) => decideRevocation(actor, target, revocation),
  };
  const missing = ['permission_denied', 'scope_missing'];
  const notFound = ['not_found', 'key_not_found'];

  for (const [operation, scope] of [
    ['read', 'keys:read'],
    ['revoke', 'keys:write'],
  ] as const) {
    const perform = operations[operation];

    it(`${operation}: members their own, admins all, with ${scope}`, () => {
      perform(actorOf({ scopes: [scope] }), ownKey);
      perform(actorOf({ isAdmin: true, scopes: SCOPES }), foreignKey);
      const others = SCOPES.filter((other) => other !== scope && other !== 'admin');
      assert.deepEqual(
        refusalOf(() => perform(actorOf({ scopes: others }), ownKey)),
        missing,
      );
    });

    it(`${operation}: a foreign key is as unknown as none at all`, () => {
      const messages = [foreignKey, null].map((target) => {
        try {
          perform(actorOf({}), target);
          return assert.fail('was allowed');
        } catch (error) {
          assert.ok(error instanceof HokusaiError);
          return JSON.stringify({ ...error, message: error.message, stack: undefined });
        }
      });
      assert.equal(messages[0], messages[1]);
      assert.deepEqual(
        refusalOf(() => perform(actorOf({}), null)),
        notFound,
      );
    });
  }

  it('list: members their own, admins all', () => {
    assert.equal(decideListing(actorOf({})), 'u1');
    assert.equal(decideListing(actorOf({ isAdmin: true, scopes: SCOPES })), null);
    assert.deepEqual(
      refusalOf(() => decideListing(actorOf({ scopes: ['keys:write'] }))),
      missing,
    );
  });

  it('revoke: checks the reason', () => {
    const revoke = (change: object) => decideRevocation(actorOf({}), ownKey, { ...revocation, ...change });
    assert.equal(revoke({}), null);
    assert.equal(revoke({ reason: ' leaked ' }), 'leaked');
    assert.deepEqual(
      refusalOf(() => revoke({ reason: 'x'.repeat(501) })),
      ['unprocessable', 'invalid_field'],
    );
  });
});
