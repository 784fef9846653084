/** Whatever an actor makes, changes, or gets by rotation, it never exceeds what the actor may do. */
import assert from 'node:assert/strict';
import { isAllowed } from '@hokusai/contracts/addresses';
import { HokusaiError } from '@hokusai/contracts/errors';
import { effectiveScopes, grants, SCOPES } from '@hokusai/contracts/scopes';
import fc from 'fast-check';
import { inHours, member, now, ownedKey, policy } from '../../test/support/domain.ts';
import { type Actor, admit, type Caller } from './actor.ts';
import { decideCreation } from './create-key.ts';
import type { Key, OwnedKey } from './key.ts';
import { decideRotation } from './rotate-key.ts';
import { decideUpdate } from './update-key.ts';

const ADDRESSES = ['10.1.2.3', '10.1.9.9', '10.9.9.9', '192.0.2.1', '2001:db8::1', '::1'];
// Just before the ends that keys may have here, and long after them.
const HOURS = [...[2, 4, 6, 8].map((end) => end - 0.01), 1000];

type Rights = Pick<Key, 'expiresAt' | 'allowedIps'> & { scopes: readonly string[] };

/** Every use that the rights give, if their holder's role takes nothing away: a scope, a time, an address. */
function usesOf({ scopes, expiresAt, allowedIps }: Rights): Set<string> {
  const addresses = ADDRESSES.filter((address) => isAllowed(address, allowedIps));
  const hours = HOURS.filter((hours) => expiresAt === null || inHours(hours) < expiresAt);
  const held = SCOPES.filter((scope) => grants(scopes, scope));
  return new Set(
    held.flatMap((scope) => hours.flatMap((at) => addresses.map((from) => `${scope} at ${at} from ${from}`))),
  );
}

function beyond(uses: ReadonlySet<string>, bound: ReadonlySet<string>): string[] {
  return [...uses].filter((use) => !bound.has(use));
}

function assertWithin(uses: ReadonlySet<string>, bound: ReadonlySet<string>): void {
  assert.deepEqual(beyond(uses, bound), []);
}

function isLooser(limits: Key['limits'], base: Key['limits']): boolean {
  return (
    limits.ratePerHour > base.ratePerHour ||
    limits.burst > base.burst ||
    limits.burstWindowSeconds < base.burstWindowSeconds
  );
}

const cidr = fc.constantFrom(
  '10.1.2.3/32',
  '10.1.0.0/16',
  '10.0.0.0/8',
  '0.0.0.0/0',
  '2001:db8::/32',
  '::/0',
);
const limit = fc.constantFrom(50, 100, 200);
const limits = fc.record({ ratePerHour: limit, burst: limit, burstWindowSeconds: limit });
const end = fc.option(fc.constantFrom(2, 4, 6, 8).map(inHours));
const role = fc.constantFrom('member' as const, 'admin' as const);
const environment = fc.constantFrom('live' as const, 'test' as const);
const blocks = fc.array(cidr, { maxLength: 2 });
// Few of them, so that they often coincide.
const scopes = fc.oneof(
  fc.subarray(['mlflow:read', 'mlflow:write', 'keys:write'], { minLength: 1 }),
  fc.constant(['admin']),
);
const settings = fc.record({ scopes, expiresAt: end, allowedIps: blocks, limits, environment });
const userId = fc.constantFrom('u1', 'u2');

const owned = (id: string) =>
  fc
    .tuple(settings, role, userId)
    .map(([key, role, userId]) => ownedKey({ ...key, id, userId }, { userId, role }));

/** The acting key, and whether its current secret was used or one that is retired in two hours. */
const acting = fc
  .tuple(settings, role, userId, fc.boolean())
  .map(([key, role, userId, isRetired]): { actor: Actor; acting: OwnedKey } => {
    const retired = { retiredAt: now, validUntil: inHours(2), lastUsedAt: null, lastUsedIp: null };
    const acting = ownedKey(
      {
        ...{ ...key, id: 'k-acting', userId, allowedIps: key.allowedIps },
        scopes: [...key.scopes, 'keys:write'],
        retiredSecrets: [{ ...retired, keyPrefix: 'hk_live_retired00000' }],
      },
      { userId, role },
    );
    const caller: Caller = {
      ...{ actingKeyId: 'k-acting', clientIp: '', requestId: '', userAgent: '', traceId: '' },
      service: 'gateway',
      actingKeyPrefix: isRetired ? 'hk_live_retired00000' : acting.key.keyPrefix,
    };
    return { actor: admit(caller, acting, now), acting };
  });

/** What was decided; undefined if it was refused. */
function allowed<Decision>(decide: () => Decision): Decision | undefined {
  try {
    return decide();
  } catch (error) {
    if (error instanceof HokusaiError) return undefined;
    throw error;
  }
}

/** Runs a property; at least some of its cases have to get past the refusals. */
function check<Values extends [unknown, ...unknown[]]>(
  arbitraries: { [Index in keyof Values]: fc.Arbitrary<Values[Index]> },
  holds: (...values: Values) => boolean,
): void {
  let passed = 0;
  const property = fc.property(...(arbitraries as [fc.Arbitrary<unknown>]), (...values: unknown[]) => {
    if (holds(...(values as Values))) passed++;
  });
  fc.assert(property, { numRuns: 4000 });
  assert.ok(passed > 100, `only ${passed} were allowed: the property says nothing`);
}

describe('an actor exceeds its ceilings by nothing', () => {
  it('that it makes', () => {
    check([acting, settings, fc.option(owned('k-other'))], ({ actor, acting }, asked, other) => {
      const { owner } = other ?? acting;
      const request = { ...asked, name: 'x', userId: owner.userId, metadata: {} };
      const key = allowed(() => decideCreation(actor, request, { owner, workingKeys: 0 }, policy, now));
      if (key === undefined) return false;
      assert.ok(actor.environment === 'live' || key.environment === 'test');
      assert.ok(actor.isAdmin || !isLooser(key.limits, actor.limits));
      assertWithin(usesOf(key), usesOf(actor));
      return true;
    });
  });

  it('that it changes', () => {
    const fields = ['scopes', 'expires_at', 'allowed_ips', 'burst_limit'];
    const mask = fc.subarray(fields, { minLength: 1 });
    const creator = fc.option(owned('k-creator'));
    const given = [acting, fc.option(owned('k-target')), settings, mask, creator] as const;
    check([...given], ({ actor, acting }, other, asked, mask, creator) => {
      // Where there is no other key, it is its own.
      const target = other ?? acting;
      const request = { ...asked, mask, name: '', metadata: {}, ifVersion: null };
      const around = { policy, creator, workingKeys: 0, now };
      const after = allowed(() => decideUpdate(actor, target, request, around));
      if (after === undefined) return false;
      const gained = new Set(beyond(usesOf(after), usesOf(target.key)));
      assertWithin(gained, usesOf(actor));
      if (!actor.isAdmin && creator !== null) assertWithin(gained, usesOf(ofCreator(creator)));
      assert.ok(actor.isAdmin || !isLooser(after.limits, target.key.limits));
      assert.ok(gained.size === 0 || actor.environment === 'live' || target.key.environment === 'test');
      return true;
    });
  });

  it('that it gets by rotation', () => {
    check([acting, fc.option(owned('k-target'))], ({ actor, acting }, other) => {
      const target = other ?? acting;
      const rotation = allowed(() => decideRotation(actor, target, 0, 0, now));
      if (rotation === undefined) return false;
      const { key, owner } = target;
      // Its own scopes sleep in the actor as they do in the key.
      const scopes = other === null ? effectiveScopes(key.scopes, owner.role) : key.scopes;
      assertWithin(usesOf({ ...key, scopes }), usesOf(actor));
      assert.ok(actor.environment === 'live' || key.environment === 'test');
      assert.ok(actor.isAdmin || !isLooser(key.limits, actor.limits));
      assert.ok(actor.isAdmin || key.userId === actor.userId);
      return true;
    });
  });

  it('and a current secret always suffices to rotate its own key', () => {
    fc.assert(
      fc.property(acting, ({ actor, acting }) => {
        const isRetired = actor.expiresAt !== acting.key.expiresAt;
        if (!isRetired) decideRotation(actor, acting, null, 0, now);
      }),
    );
    assert.equal(decideRotation(member, ownedKey({ id: member.keyId }), 0, 0, now).key.id, member.keyId);
  });
});

function ofCreator({ key, owner }: OwnedKey): Rights {
  return { ...key, scopes: effectiveScopes(key.scopes, owner.role) };
}
