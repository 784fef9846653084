import assert from 'node:assert/strict';
import { SCOPES } from '@hokusai/contracts';
import { UNKNOWN_ADDRESS } from '@hokusai/contracts/addresses';
import { KEY_ID, keyState, PREFIX } from '../../test/support/keys.ts';
import { decide, heldScopes } from './decision.ts';
import type { KeyState, Proof } from './key-state.ts';
import type { Refusal } from './refusals.ts';

const NOW_MS = Date.UTC(2026, 2, 1, 12);
const BEFORE_MS = NOW_MS - 3_600_000;
const MEMBER = keyState().owner;
const ADMIN: KeyState['owner'] = { ...MEMBER, role: 'admin' };

function decideOn(
  state: Partial<KeyState>,
  asked: Partial<Parameters<typeof decide>[1]> = {},
  proof: Partial<Proof> = {},
) {
  const authenticated = {
    proof: { keyId: KEY_ID, keyPrefix: PREFIX, ...proof },
    state: keyState(state),
    nowMs: NOW_MS,
  };
  return decide(authenticated, { clientIp: '192.0.2.7', scope: 'mlflow:read', ...asked });
}

function assertRefused(refusal: Refusal | undefined, reason: string, ...parts: string[]): void {
  assert.equal(refusal?.reason, reason);
  for (const part of [PREFIX, ...parts]) assert.ok(refusal?.message.includes(part), refusal?.message);
}

describe('decide', () => {
  it('lets a key do what it may', () => {
    assert.equal(decideOn({}), undefined);
    assert.equal(decideOn({}, { scope: null }), undefined);
  });

  it('refuses a revoked key and says when and why', () => {
    const refusal = decideOn({ isActive: false, revokedAtMs: BEFORE_MS });
    assertRefused(refusal, 'key_revoked', 'on 2026-03-01T11:00:00Z', 'another key');
    const why = decideOn({ revokedAtMs: BEFORE_MS, revokedReason: 'found in a notebook' });
    assertRefused(why, 'key_revoked', 'found in a notebook');
    assertRefused(decideOn({ revokedAtMs: BEFORE_MS, expiresAtMs: BEFORE_MS }), 'key_revoked');
  });

  it('refuses a key of a disabled owner', () => {
    assertRefused(decideOn({ owner: { ...MEMBER, disabledAtMs: BEFORE_MS } }), 'owner_disabled', '11:00:00Z');
  });

  it("refuses from the expiry on, by the database's clock", () => {
    assert.equal(decideOn({ expiresAtMs: NOW_MS + 1 }), undefined);
    assertRefused(decideOn({ expiresAtMs: NOW_MS }), 'key_expired', '2026-03-01T12:00:00Z');
  });

  it('says "expired" of a key that the keys service has deactivated, whatever this clock says', () => {
    const expiresAtMs = NOW_MS - 1000;
    const on = 'expired on 2026-03-01T11:59:59Z. Create a new key';
    assertRefused(decideOn({ isActive: false, expiresAtMs }), 'key_expired', on);
    const ahead = decideOn({ isActive: false, expiresAtMs: NOW_MS + 1000 });
    assertRefused(ahead, 'key_expired', 'expired on 2026-03-01T12:00:01Z');
    assertRefused(decideOn({ isActive: false }), 'key_expired', 'has expired. Create a new key');
  });

  it('accepts a retired secret within its grace, and says afterwards what became of it', () => {
    const current = { keyPrefix: 'hk_live_current00000', validUntilMs: null };
    const inGrace = [current, { keyPrefix: PREFIX, validUntilMs: NOW_MS + 1 }];
    assert.equal(decideOn({ acceptedSecrets: inGrace }), undefined);
    const ended = [current, { keyPrefix: PREFIX, validUntilMs: NOW_MS }];
    const retired = { retiredAtMs: BEFORE_MS };
    const refusal = decideOn({ acceptedSecrets: ended }, {}, retired);
    // The same, whether or not the gateway still knows of the grace that is over.
    const gone = decideOn({ acceptedSecrets: [current] }, {}, retired);
    const text =
      'was rotated on 2026-03-01T11:00:00Z: the one that starts with hk_live_current00000 replaced it.';
    assertRefused(gone, 'secret_rotated', text, 'Use the new key');
    assert.deepEqual(refusal, gone);
    // By a proof from before the rotation, which doesn't say when it was.
    const undated = decideOn({ acceptedSecrets: [current] });
    assertRefused(
      undated,
      'secret_rotated',
      'was rotated: the one that starts with hk_live_current00000 replaced it',
    );
  });

  it('says "revoked" rather than "rotated" of a revoked key that accepts no secret', () => {
    assertRefused(decideOn({ isActive: false, revokedAtMs: BEFORE_MS, acceptedSecrets: [] }), 'key_revoked');
  });

  it('gives the most final reason of several, in the order of the keys service', () => {
    const states: Partial<KeyState>[] = [
      { revokedAtMs: BEFORE_MS },
      { owner: { ...MEMBER, disabledAtMs: BEFORE_MS } },
      { isActive: false, expiresAtMs: BEFORE_MS },
      { acceptedSecrets: [] },
      { allowedIps: ['198.51.100.0/24'] },
      { scopes: [] },
    ];
    const reasons = states.map(
      (_, first) => decideOn(Object.assign({}, ...states.slice(first)))?.reason ?? 'none',
    );
    assert.deepEqual(reasons, [
      ...['key_revoked', 'owner_disabled', 'key_expired', 'secret_rotated', 'address_not_allowed'],
      'scope_missing',
    ]);
  });

  it('refuses other addresses than the allowed ones', () => {
    const allowedIps = ['192.0.2.0/24', '2001:db8::/32'];
    assert.equal(decideOn({ allowedIps }, { clientIp: '::ffff:192.0.2.9' }), undefined);
    assertRefused(
      decideOn({ allowedIps }, { clientIp: '198.51.100.1' }),
      'address_not_allowed',
      '198.51.100.1',
    );
    assertRefused(decideOn({ allowedIps: ['nonsense'] }), 'address_not_allowed');
  });

  it('refuses an address that nobody can tell, and says which header to look at', () => {
    const clientIp = UNKNOWN_ADDRESS;
    const refusal = decideOn({ allowedIps: ['0.0.0.0/0', '::/0'] }, { clientIp });
    assertRefused(refusal, 'address_not_allowed', "can't be told", 'X-Forwarded-For');
    assert.equal(decideOn({ allowedIps: [] }, { clientIp }), undefined);
  });

  it('names the scope that is missing and those that are there', () => {
    const refusal = decideOn({}, { scope: 'mlflow:delete' });
    assertRefused(refusal, 'scope_missing', 'lacks the scope mlflow:delete', 'mlflow:read, mlflow:write');
  });

  it("says so where the owner's role takes a scope away", () => {
    const refusal = decideOn({ scopes: ['admin'] }, { scope: 'admin' });
    assertRefused(refusal, 'scope_missing', 'its owner is no administrator');
  });
});

describe('heldScopes', () => {
  it("gives an admin's admin key everything", () => {
    assert.deepEqual(heldScopes(keyState({ scopes: ['admin'], owner: ADMIN })), SCOPES);
  });

  it("never gives a member's key admin, whatever stands on it", () => {
    const held = heldScopes(keyState({ scopes: [...SCOPES] }));
    assert.deepEqual(
      SCOPES.filter((scope) => !held.includes(scope)),
      ['admin'],
    );
    assert.deepEqual(heldScopes(keyState({ scopes: ['admin'] })), held);
  });
});
