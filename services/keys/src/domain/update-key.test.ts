import assert from 'node:assert/strict';
import {
  admin,
  HOUR_MS,
  inHours,
  member,
  now,
  ownedKey,
  policy,
  refusalOf,
} from '../../test/support/domain.ts';
import type { Actor } from './actor.ts';
import type { Key, OwnedKey } from './key.ts';
import { changesOf, decideUpdate, type UpdateContext, type UpdateRequest } from './update-key.ts';

const nothing: UpdateRequest = {
  ...{ mask: [], name: '', scopes: [], allowedIps: [], expiresAt: null, metadata: {}, ifVersion: null },
  limits: { ratePerHour: null, burst: null, burstWindowSeconds: null },
};
const context: UpdateContext = { policy, creator: null, workingKeys: 3, now };

interface Attempt {
  actor?: Actor;
  target?: OwnedKey | null;
  context?: Partial<UpdateContext>;
}

function decide(mask: string[], request: Partial<UpdateRequest>, attempt: Attempt = {}) {
  const target = attempt.target === undefined ? ownedKey() : attempt.target;
  const around = { ...context, ...attempt.context };
  return decideUpdate(attempt.actor ?? member, target, { ...nothing, mask, ...request }, around);
}

const refusal = (mask: string[], request: Partial<UpdateRequest>, attempt: Attempt = {}) =>
  refusalOf(() => decide(mask, request, attempt));

/** The changes of an update by `member` of a key that is otherwise as usual. */
function changed(mask: string[], request: Partial<UpdateRequest>, key: Partial<Key> = {}, actor = member) {
  const target = ownedKey(key);
  return changesOf(target.key, decide(mask, request, { target, actor }));
}

describe('decideUpdate', () => {
  it('changes what the mask names, and nothing else', () => {
    assert.deepEqual(changed(['name'], { name: '  nightly ', scopes: ['admin'] }), { name: 'nightly' });
    assert.deepEqual(changed(['scopes', 'metadata'], { scopes: ['mlflow:read'], metadata: { a: 1 } }), {
      ...{ scopes: ['mlflow:read'], metadata: { a: 1 } },
    });
    assert.deepEqual(changed(['expires_at'], { expiresAt: inHours(5) }), { expiresAt: inHours(5) });
    assert.deepEqual(changed(['allowed_ips'], { allowedIps: ['10.1.2.3', '10.1.2.3/32'] }), {
      allowedIps: ['10.1.2.3/32'],
    });
    const limits = { ratePerHour: 7, burst: 8, burstWindowSeconds: 9 };
    assert.deepEqual(changed(['burst_limit'], { limits }), { limits: { ...policy.defaultLimits, burst: 8 } });
  });

  it('knows a change that changes nothing', () => {
    const key = { metadata: { a: 1, b: { c: 2, d: 3 } }, expiresAt: inHours(5), allowedIps: ['10.0.0.0/8'] };
    const request = {
      ...{ name: 'ci', scopes: ['mlflow:write', 'mlflow:read', 'mlflow:read'], expiresAt: inHours(5) },
      ...{ allowedIps: ['10.0.0.0/8'], metadata: { b: { d: 3, c: 2 }, a: 1 } },
    };
    const mask = ['name', 'scopes', 'expires_at', 'allowed_ips', 'metadata', 'rate_limit_per_hour'];
    assert.equal(changed(mask, request, key), undefined);
  });

  it('gives named and absent limits their defaults', () => {
    const tight = { limits: { ratePerHour: 5, burst: 5, burstWindowSeconds: 5 } };
    const mask = ['rate_limit_per_hour', 'burst_window_seconds'];
    const limits = { ...policy.defaultLimits, burst: 5 };
    assert.deepEqual(changed(mask, {}, tight, admin), { limits });
    assert.deepEqual(refusal(mask, {}, { target: ownedKey(tight) }), {
      ...{ code: 'unprocessable', reason: 'limit_loosened', paths: mask },
    });
  });

  it('names all violations at once', () => {
    const request = {
      ...{ name: 'a\nb', scopes: ['admin', 'nonsense'], expiresAt: inHours(-1), metadata: { a: '\0' } },
      ...{ allowedIps: ['300.0.0.0/8'], limits: { ratePerHour: 0, burst: 101, burstWindowSeconds: 1 } },
    };
    const mask = [
      ...['name', 'scopes', 'rate_limit_per_hour', 'burst_limit', 'burst_window_seconds', 'allowed_ips'],
      ...['expires_at', 'metadata', 'user_id'],
    ];
    assert.deepEqual(refusal(mask, request).paths.sort(), [
      ...['allowed_ips[0]', 'burst_limit', 'expires_at', 'metadata', 'name', 'rate_limit_per_hour'],
      ...['scopes[0]', 'scopes[0]', 'scopes[1]', 'update_mask'],
    ]);
  });

  it('needs keys:write, a key that the actor reaches, and something to change', () => {
    const reader: Actor = { ...member, scopes: ['keys:read'] };
    assert.equal(refusal(['name'], { name: 'x' }, { actor: reader }).reason, 'scope_missing');
    const foreign = ownedKey({ userId: 'u-other' }, { userId: 'u-other' });
    assert.deepEqual(refusal(['name'], {}, { target: foreign }), refusal(['name'], {}, { target: null }));
    assert.deepEqual(refusal([], {}).paths, ['update_mask']);
  });

  it('holds fast at the version that it is meant for', () => {
    const mask = ['name'];
    decide(mask, { name: 'x', ifVersion: 7n });
    const refused = refusal(mask, { name: 'x', ifVersion: 6n });
    assert.deepEqual([refused.code, refused.reason], ['conflict', 'version_mismatch']);
  });

  it('leaves a revoked key alone, and wakes an expired one by a later end', () => {
    const revoked = ownedKey({ isActive: false, revokedAt: inHours(-1) });
    assert.equal(refusal(['name'], { name: 'x' }, { target: revoked }).reason, 'key_revoked');
    const swept = { isActive: false, expiresAt: inHours(-1) };
    assert.deepEqual(changed(['name'], { name: 'x' }, swept), { name: 'x' });
    const awake = { expiresAt: inHours(1), isActive: true };
    assert.deepEqual(changed(['expires_at'], { expiresAt: inHours(1) }, swept), awake);
    assert.deepEqual(changed(['expires_at'], {}, swept), { expiresAt: null, isActive: true });
    assert.equal(changed(['expires_at'], { expiresAt: inHours(-1) }, swept), undefined);
  });

  it('wakes no more keys than the owner may have', () => {
    const target = ownedKey({ expiresAt: inHours(-1) });
    const full = { target, context: { workingKeys: 50 } };
    const wake = { expiresAt: inHours(1) };
    assert.equal(refusal(['expires_at'], wake, full).reason, 'too_many_keys');
    decide(['name'], { name: 'x' }, full);
    decide(['expires_at'], wake, { ...full, context: { workingKeys: 49 } });
    decide(
      ['expires_at'],
      { expiresAt: inHours(2) },
      { ...full, target: ownedKey({ expiresAt: inHours(1) }) },
    );
  });

  it("bounds the life of a key from now on by the deployment's longest", () => {
    const bounded = { context: { policy: { ...policy, maxTtlMs: 8 * HOUR_MS } } };
    const target = ownedKey({ expiresAt: inHours(2) });
    decide(['expires_at'], { expiresAt: inHours(8) }, { ...bounded, target });
    for (const expiresAt of [inHours(9), null]) {
      assert.deepEqual(refusal(['expires_at'], { expiresAt }, { ...bounded, target }).paths, ['expires_at']);
    }
    // From before the bound was set: shorter is fine, even where it is still too long.
    decide(['expires_at'], { expiresAt: inHours(99) }, bounded);
  });

  it('gives admin to admins with live keys only', () => {
    const request = { scopes: ['admin'] };
    const forMember = refusal(['scopes'], request, { actor: admin });
    assert.equal(forMember.reason, 'admin_for_member');
    const test = ownedKey({ environment: 'test' }, { role: 'admin' });
    assert.equal(refusal(['scopes'], request, { actor: admin, target: test }).reason, 'admin_on_test_key');
    decide(['scopes'], request, { actor: admin, target: ownedKey({}, { role: 'admin' }) });
  });
});

describe('loosening a key', () => {
  const narrow = { scopes: ['mlflow:read'], expiresAt: inHours(1), allowedIps: ['10.1.0.0/16'] };
  const bound: Actor = { ...member, expiresAt: inHours(10), allowedIps: ['10.0.0.0/8'] };
  const request = {
    ...{ scopes: ['mlflow:read', 'mlflow:write'], expiresAt: inHours(9), allowedIps: ['10.2.0.0/16'] },
  };
  const mask = ['scopes', 'expires_at', 'allowed_ips'];

  it("is bounded by the actor's scopes, end and addresses", () => {
    decide(mask, request, { actor: bound, target: ownedKey(narrow) });
    const cases: [string, string, Partial<UpdateRequest>][] = [
      ['scope_not_held', 'scopes[0]', { scopes: ['mlflow:delete'] }],
      ['expiry_beyond_actor', 'expires_at', { expiresAt: inHours(11) }],
      ['expiry_beyond_actor', 'expires_at', { expiresAt: null }],
      ['address_beyond_actor', 'allowed_ips[1]', { allowedIps: ['10.2.0.0/16', '11.0.0.0/8'] }],
      ['address_beyond_actor', 'allowed_ips', { allowedIps: [] }],
    ];
    for (const [reason, path, beyond] of cases) {
      const attempt = { actor: bound, target: ownedKey(narrow) };
      const refused = refusal(mask, { ...request, ...beyond }, attempt);
      assert.deepEqual(refused, { code: 'unprocessable', reason, paths: [path] });
    }
  });

  it('is nothing where all gets tighter, whatever the actor may do', () => {
    const wide = ownedKey({ scopes: ['mlflow:read', 'mlflow:delete'] });
    const tighter = { scopes: ['mlflow:delete'], expiresAt: inHours(99), allowedIps: ['192.168.0.0/16'] };
    decide(mask, tighter, { actor: { ...bound, environment: 'test' }, target: wide });
  });

  it('hands on the whole key where it gives it a later end', () => {
    const target = ownedKey({ scopes: ['mlflow:delete'], expiresAt: inHours(1) });
    const refused = refusal(['expires_at'], { expiresAt: inHours(2) }, { actor: bound, target });
    assert.deepEqual(refused.paths, ['expires_at', 'expires_at']);
    assert.equal(refused.reason, 'scope_not_held');
  });

  it('hands on a new scope for all of the addresses, and a new address for all of the scopes', () => {
    const anywhere = ownedKey({ ...narrow, allowedIps: [] });
    const scope = refusal(['scopes'], request, { actor: bound, target: anywhere });
    assert.deepEqual([scope.reason, scope.paths], ['address_beyond_actor', ['scopes']]);
    const mighty = ownedKey({ ...narrow, scopes: ['mlflow:delete'] });
    const address = refusal(['allowed_ips'], request, { actor: bound, target: mighty });
    assert.deepEqual([address.reason, address.paths], ['scope_not_held', ['allowed_ips']]);
    const lasting = ownedKey({ ...narrow, expiresAt: null });
    const end = refusal(['scopes'], request, { actor: bound, target: lasting });
    assert.deepEqual([end.reason, end.paths], ['expiry_beyond_actor', ['scopes']]);
  });

  it('is not for a test key where the other is live', () => {
    const actor: Actor = { ...member, environment: 'test' };
    const refused = refusal(['scopes'], request, { actor, target: ownedKey(narrow) });
    assert.deepEqual([refused.reason, refused.paths], ['environment_escalation', ['']]);
    decide(['scopes'], request, { actor, target: ownedKey({ ...narrow, environment: 'test' }) });
  });

  it("is bounded by the key's creator too, unless an admin does it", () => {
    const creator = ownedKey({ ...narrow, id: 'k-creator', scopes: ['mlflow:read', 'keys:write'] });
    const attempt = { target: ownedKey(narrow), context: { creator } };
    const refused = refusal(mask, { ...request, allowedIps: ['10.0.0.0/8'] }, attempt);
    assert.deepEqual(refused.paths, ['scopes[1]', 'expires_at', 'allowed_ips[0]']);
    assert.equal(refused.reason, 'scope_beyond_creator');
    decide(mask, request, { ...attempt, actor: admin });
    decide(['allowed_ips'], { allowedIps: ['10.1.2.0/24'] }, attempt);
  });

  it('leaves limits to admins', () => {
    const limits = { ratePerHour: 20_001, burst: null, burstWindowSeconds: null };
    const refused = refusal(['rate_limit_per_hour'], { limits });
    assert.deepEqual([refused.reason, refused.paths], ['limit_loosened', ['rate_limit_per_hour']]);
    decide(['rate_limit_per_hour'], { limits }, { actor: admin });
  });
});
