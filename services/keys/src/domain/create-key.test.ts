import assert from 'node:assert/strict';
import { type Block, contains, parseBlock } from '@hokusai/contracts/addresses';
import { HokusaiError } from '@hokusai/contracts/errors';
import { effectiveScopes, SCOPES } from '@hokusai/contracts/scopes';
import fc from 'fast-check';
import type { Actor } from './actor.ts';
import {
  type CreationRequest,
  decideCreation,
  type IssuingPolicy,
  type NewKey,
  type Ownership,
} from './create-key.ts';
import type { Role } from './key.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(now.getTime() + hours * HOUR_MS);

const policy: IssuingPolicy = {
  defaultLimits: { ratePerHour: 20_000, burst: 100, burstWindowSeconds: 1 },
  ...{ maxKeysPerUser: 50, defaultTtlMs: null, maxTtlMs: null, rotationGraceMs: 0 },
};
const member: Actor = {
  keyId: 'a0000000-0000-4000-8000-000000000001',
  userId: 'u-member',
  isAdmin: false,
  scopes: ['mlflow:read', 'mlflow:write', 'keys:read', 'keys:write'],
  environment: 'live',
  expiresAt: null,
  allowedIps: [],
  limits: policy.defaultLimits,
};
const admin: Actor = { ...member, userId: 'u-admin', isAdmin: true, scopes: SCOPES };
const own: Ownership = {
  owner: { userId: 'u-member', displayName: 'M', role: 'member', disabledAt: null, rateLimitPerHour: null },
  workingKeys: 3,
};
const ofAdmin: Ownership = { ...own, owner: { ...own.owner, userId: 'u-admin', role: 'admin' } };
const request: CreationRequest = {
  ...{ name: 'ci', userId: null, environment: null, scopes: null, expiresAt: null },
  limits: { ratePerHour: null, burst: null, burstWindowSeconds: null },
  ...{ allowedIps: [], metadata: {} },
};

interface Attempt {
  actor?: Actor;
  ownership?: Ownership | null;
  policy?: Partial<IssuingPolicy>;
}

function decide(change: Partial<CreationRequest>, attempt: Attempt = {}): NewKey {
  const ownership = attempt.ownership === undefined ? own : attempt.ownership;
  const rules = { ...policy, ...attempt.policy };
  return decideCreation(attempt.actor ?? member, { ...request, ...change }, ownership, rules, now);
}

/** Paths of the violations and the reason. */
function refusal(change: Partial<CreationRequest>, attempt: Attempt = {}) {
  try {
    decide(change, attempt);
    return assert.fail('was allowed');
  } catch (error) {
    if (!(error instanceof HokusaiError)) throw error;
    return { code: error.code, reason: error.reason, paths: error.violations.map(({ path }) => path) };
  }
}

describe('decideCreation', () => {
  it('gives a bare request the defaults', () => {
    assert.deepEqual(decide({}), {
      ...{ userId: 'u-member', createdByKeyId: member.keyId, name: 'ci', environment: 'live' },
      ...{ scopes: ['mlflow:read', 'mlflow:write'], expiresAt: null, limits: policy.defaultLimits },
      ...{ allowedIps: [], metadata: {} },
    });
  });

  it('needs keys:write', () => {
    const actor = { ...member, scopes: ['keys:read', 'mlflow:read'] } as const;
    assert.deepEqual(refusal({}, { actor }), {
      code: 'permission_denied',
      reason: 'scope_missing',
      paths: [],
    });
  });

  it('names all violations at once', () => {
    const change = {
      ...{ name: '', scopes: ['admin', 'nonsense'], expiresAt: inHours(-1), metadata: { a: '\0' } },
      limits: { ratePerHour: 0, burst: 101, burstWindowSeconds: -1 },
      allowedIps: ['10.0.0.0/8', '300.0.0.0/8'],
    };
    const full = { ...own, workingKeys: 50 };
    const paths = [
      ...['', 'name', 'scopes[0]', 'scopes[1]', 'expires_at', 'rate_limit_per_hour', 'burst_limit'],
      ...['burst_window_seconds', 'allowed_ips[1]', 'metadata'],
    ];
    assert.deepEqual(refusal(change, { ownership: full }), {
      code: 'unprocessable',
      reason: 'too_many_keys',
      paths,
    });
  });

  it('says the same of an unknown user and of somebody else', () => {
    const expected = { code: 'unprocessable', reason: 'user_not_found', paths: ['user_id'] };
    assert.deepEqual(refusal({ userId: 'u-admin' }, { ownership: ofAdmin }), expected);
    assert.deepEqual(refusal({ userId: 'u-nobody' }, { ownership: null }), expected);
    assert.deepEqual(refusal({ userId: 'u-nobody' }, { ownership: null, actor: admin }), expected);
  });

  it('lets admins create for others, but not for disabled ones', () => {
    assert.equal(decide({ userId: 'u-member' }, { actor: admin }).userId, 'u-member');
    const disabled = { ...own, owner: { ...own.owner, disabledAt: now } };
    assert.equal(refusal({}, { actor: admin, ownership: disabled }).reason, 'owner_disabled');
  });

  it('bounds the keys of members only', () => {
    assert.equal(refusal({}, { ownership: { ...own, workingKeys: 50 } }).reason, 'too_many_keys');
    decide({}, { ownership: { ...own, workingKeys: 49 } });
    decide({}, { actor: admin, ownership: { ...ofAdmin, workingKeys: 50 } });
  });

  it('gives admin to admins with live keys only', () => {
    const scopes = ['admin'];
    assert.deepEqual(decide({ scopes }, { actor: admin, ownership: ofAdmin }).scopes, ['admin']);
    assert.equal(refusal({ scopes }).reason, 'scope_not_held');
    assert.equal(refusal({ scopes }, { actor: admin }).reason, 'admin_for_member');
    const test = { scopes, environment: 'test' } as const;
    assert.equal(refusal(test, { actor: admin, ownership: ofAdmin }).reason, 'admin_on_test_key');
  });

  it('lets a test key create test keys', () => {
    const actor: Actor = { ...member, environment: 'test' };
    assert.equal(decide({ environment: 'test' }, { actor }).environment, 'test');
    assert.equal(refusal({ environment: 'live' }, { actor }).reason, 'environment_escalation');
    assert.equal(refusal({}, { actor }).reason, 'environment_escalation');
  });

  it("keeps a child within its creator's expiry and addresses, also where it asks for none", () => {
    const actor: Actor = { ...member, expiresAt: inHours(10), allowedIps: ['10.0.0.0/8'] };
    const inherited = decide({}, { actor });
    assert.deepEqual([inherited.expiresAt, inherited.allowedIps], [inHours(10), ['10.0.0.0/8']]);
    assert.deepEqual(decide({ expiresAt: inHours(10) }, { actor }).expiresAt, inHours(10));
    assert.equal(refusal({ expiresAt: inHours(11) }, { actor }).reason, 'expiry_beyond_actor');
    assert.equal(refusal({ allowedIps: ['11.0.0.0/8'] }, { actor }).reason, 'address_beyond_actor');
    assert.equal(refusal({ allowedIps: ['0.0.0.0/0'] }, { actor }).reason, 'address_beyond_actor');
  });

  it("applies the deployment's lives", () => {
    const attempt = { policy: { defaultTtlMs: 5 * HOUR_MS, maxTtlMs: 8 * HOUR_MS } };
    assert.deepEqual(decide({}, attempt).expiresAt, inHours(5));
    assert.deepEqual(decide({}, { policy: { maxTtlMs: 8 * HOUR_MS } }).expiresAt, inHours(8));
    assert.deepEqual(
      decide({}, { ...attempt, actor: { ...member, expiresAt: inHours(2) } }).expiresAt,
      inHours(2),
    );
    assert.deepEqual(refusal({ expiresAt: inHours(9) }, attempt).paths, ['expires_at']);
    assert.deepEqual(refusal({ expiresAt: now }, attempt).paths, ['expires_at']);
    assert.deepEqual(refusal({ expiresAt: new Date(Number.NaN) }).paths, ['expires_at']);
    assert.deepEqual(refusal({ expiresAt: new Date('+010000-01-01T00:00:00Z') }).paths, ['expires_at']);
  });

  it('lets admins loosen limits, up to the largest integer', () => {
    const limits = { ratePerHour: 2_147_483_647, burst: null, burstWindowSeconds: null };
    assert.equal(decide({ limits }, { actor: admin, ownership: ofAdmin }).limits.ratePerHour, 2_147_483_647);
    const beyond = { ...limits, ratePerHour: 2_147_483_648 };
    assert.deepEqual(refusal({ limits: beyond }, { actor: admin }).paths, ['rate_limit_per_hour']);
    assert.equal(refusal({ limits }).reason, 'limit_loosened');
  });

  it("holds a member's children to limits that an admin tightened", () => {
    const actor = { ...member, limits: { ratePerHour: 10, burst: 100, burstWindowSeconds: 60 } };
    assert.deepEqual(decide({}, { actor }).limits, actor.limits);
    const limits = { ratePerHour: 11, burst: null, burstWindowSeconds: 59 };
    assert.deepEqual(refusal({ limits }, { actor }).paths, ['rate_limit_per_hour', 'burst_window_seconds']);
  });

  it('lists so many violations as fit into an answer', () => {
    const { paths } = refusal({ name: '', allowedIps: Array(100).fill('nonsense') });
    assert.deepEqual([paths.length, paths[0], paths[1], paths[32]], [33, 'name', 'allowed_ips[0]', '']);
  });

  it('bounds the number of addresses and scopes', () => {
    assert.deepEqual(refusal({ allowedIps: Array(10_000).fill('10.0.0.1') }).paths, ['allowed_ips']);
    assert.deepEqual(refusal({ scopes: Array(10_000).fill('mlflow:read') }).paths, ['scopes']);
    assert.deepEqual(refusal({ scopes: [] }).paths, ['scopes']);
  });
});

describe('no key begets a mightier one', () => {
  const scopes = fc.subarray([...SCOPES]);
  const limit = fc.integer({ min: 1, max: 40_000 });
  const limits = fc.record({ ratePerHour: limit, burst: limit, burstWindowSeconds: limit });
  const cidr = fc.constantFrom(
    '10.0.0.0/8',
    '10.1.0.0/16',
    '10.1.2.3/32',
    '0.0.0.0/0',
    '2001:db8::/32',
    '::/0',
  );
  const time = fc.integer({ min: 1, max: 100 }).map(inHours);
  const role = fc.constantFrom('member' as const, 'admin' as const);
  const environment = fc.constantFrom('live' as const, 'test' as const);
  const userId = fc.constantFrom('u1', 'u2');
  const actor = fc
    .record({
      ...{ scopes, role, environment, userId, limits },
      ...{ expiresAt: fc.option(time), allowedIps: fc.array(cidr, { maxLength: 2 }) },
    })
    .map(({ role, ...actor }): Actor => {
      const held = effectiveScopes([...actor.scopes, 'keys:write'], role);
      return { ...actor, keyId: member.keyId, scopes: held, isAdmin: held.includes('admin') };
    });
  const asked = fc.record({
    scopes: fc.option(fc.array(fc.constantFrom(...SCOPES), { minLength: 1, maxLength: 4 })),
    environment: fc.option(environment),
    expiresAt: fc.option(time),
    allowedIps: fc.array(cidr, { maxLength: 3 }),
    limits: fc.record({
      ratePerHour: fc.option(limit),
      ...{ burst: fc.option(limit), burstWindowSeconds: fc.option(limit) },
    }),
  });
  const ownership = fc
    .record({ userId, role, workingKeys: fc.integer({ min: 0, max: 60 }) })
    .map(({ workingKeys, ...owner }): Ownership => ({ owner: { ...own.owner, ...owner }, workingKeys }));

  const tryDecide = (by: Actor, change: Partial<CreationRequest>, whose: Ownership) => {
    try {
      return decide(change, { actor: by, ownership: whose });
    } catch (error) {
      if (error instanceof HokusaiError) return undefined;
      throw error;
    }
  };
  const blocks = (texts: readonly string[]) => texts.map((text) => parseBlock(text) as Block);

  const assertWithin = (child: NewKey, by: Actor, role: Role) => {
    const held = effectiveScopes(child.scopes, role);
    assert.ok(held.every((scope) => by.scopes.includes(scope)));
    assert.ok(by.isAdmin || child.userId === by.userId);
    assert.ok(by.environment === 'live' || child.environment === 'test');
    assert.ok(child.environment === 'live' || !child.scopes.includes('admin'));
    assert.ok(by.expiresAt === null || (child.expiresAt !== null && child.expiresAt <= by.expiresAt));
    const bounds = blocks(by.allowedIps);
    if (bounds.length === 0) return;
    assert.ok(child.allowedIps.length > 0);
    for (const block of blocks(child.allowedIps)) assert.ok(bounds.some((bound) => contains(bound, block)));
  };
  const assertTighter = (child: NewKey, by: Actor) => {
    assert.ok(child.limits.ratePerHour <= Math.min(by.limits.ratePerHour, 20_000));
    assert.ok(child.limits.burst <= Math.min(by.limits.burst, 100));
    assert.ok(child.limits.burstWindowSeconds >= by.limits.burstWindowSeconds);
  };

  it('in scopes, owner, environment, life, addresses or limits', () => {
    let allowed = 0;
    fc.assert(
      fc.property(actor, asked, ownership, (by, change, whose) => {
        const child = tryDecide(by, change, whose);
        if (child === undefined) return;
        allowed++;
        assertWithin(child, by, whose.owner.role);
        if (!by.isAdmin) assertTighter(child, by);
      }),
      { numRuns: 5000 },
    );
    assert.ok(allowed > 100, `only ${allowed} requests were allowed: the property says nothing`);
  });
});
