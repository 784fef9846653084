import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts/errors';
import { SCOPES, type Scope } from '@hokusai/contracts/scopes';
import type { Actor } from './actor.ts';
import type { User } from './user.ts';
import {
  decideUserCreation,
  decideUserRead,
  decideUserUpdate,
  type UserCreationRequest,
  type UserUpdateRequest,
} from './user-access.ts';

const actorWith = (scopes: readonly Scope[], userId = 'admin'): Actor => ({
  ...{ keyId: 'k', userId, isAdmin: scopes.includes('admin'), scopes, environment: 'live', expiresAt: null },
  ...{ allowedIps: [], limits: { ratePerHour: 1, burst: 1, burstWindowSeconds: 1 } },
});
const admin = actorWith(SCOPES);

const user: User = {
  ...{ id: 'u1', externalId: 'okta|1', email: 'ada@example.org', displayName: 'Ada', role: 'member' },
  ...{ rateLimitPerHour: null, createdAt: new Date(0), disabledAt: null },
};
const creation: UserCreationRequest = {
  ...{ externalId: null, email: null, displayName: 'Ada', role: null, rateLimitPerHour: null },
};
const update: UserUpdateRequest = {
  ...{ mask: [], email: null, displayName: '', role: null, disabled: false, rateLimitPerHour: null },
};

function refusalOf(work: () => unknown): HokusaiError {
  try {
    work();
  } catch (error) {
    if (error instanceof HokusaiError) return error;
    throw error;
  }
  return assert.fail('was allowed');
}

const pathsOf = (work: () => unknown) => refusalOf(work).violations.map(({ path }) => path);

describe('decisions about users', () => {
  it("are an admin's, whatever else a key may do", () => {
    const almost = actorWith(SCOPES.filter((scope) => scope !== 'admin'));
    const attempts = [
      () => decideUserRead(almost, user),
      () => decideUserRead(almost, null),
      () => decideUserCreation(almost, { ...creation, displayName: '' }),
      () => decideUserUpdate(almost, user, { ...update, mask: ['nonsense'] }),
      () => decideUserUpdate(almost, null, update),
    ];
    for (const attempt of attempts) {
      const { code, reason } = refusalOf(attempt);
      assert.deepEqual([code, reason], ['permission_denied', 'scope_missing']);
    }
  });

  it('say of nobody that there is no such user', () => {
    for (const attempt of [() => decideUserRead(admin, null), () => decideUserUpdate(admin, null, update)]) {
      assert.equal(refusalOf(attempt).reason, 'user_not_found');
    }
  });
});

describe('decideUserCreation', () => {
  it('takes the defaults for what is left out, and no spaces around texts', () => {
    const expected = {
      ...{ externalId: null, email: null, displayName: 'Ada', role: 'member', rateLimitPerHour: null },
    };
    assert.deepEqual(decideUserCreation(admin, { ...creation, displayName: ' Ada ' }), expected);
    const whole = {
      ...{ externalId: 'okta|1', email: 'Ada@Example.org', displayName: 'Ada', role: 'admin' as const },
      rateLimitPerHour: 2_147_483_647,
    };
    assert.deepEqual(decideUserCreation(admin, whole), whole);
  });

  it('names all that is wrong at once', () => {
    const nothing = { externalId: '', email: '', displayName: ' ', role: null, rateLimitPerHour: 0 };
    const all = ['external_id', 'email', 'display_name', 'rate_limit_per_hour'];
    assert.deepEqual(
      pathsOf(() => decideUserCreation(admin, nothing)),
      all,
    );
  });

  const wrong: [string, Partial<UserCreationRequest>, string[]][] = [
    ['an external id of 257 characters', { externalId: 'x'.repeat(257) }, ['external_id']],
    ['an external id in two lines', { externalId: 'a\nb' }, ['external_id']],
    ['an external id with half a character', { externalId: 'a\ud800' }, ['external_id']],
    ['a display name of 201 characters', { displayName: 'x'.repeat(201) }, ['display_name']],
    ['a display name of 10 MB', { displayName: 'x'.repeat(1e7) }, ['display_name']],
    ['a display name with a NUL', { displayName: 'a\0b' }, ['display_name']],
    ['a key as display name', { displayName: `hk_live_${'0'.repeat(50)}` }, ['display_name']],
    ['an email of 321 characters', { email: `${'x'.repeat(309)}@example.org` }, ['email']],
    ['an email without @', { email: 'ada.example.org' }, ['email']],
    ['an email without a domain', { email: 'ada@' }, ['email']],
    ['an email with a space', { email: 'ada lovelace@example.org' }, ['email']],
    ['a rate limit beyond the largest', { rateLimitPerHour: 2_147_483_648 }, ['rate_limit_per_hour']],
  ];
  for (const [name, change, expected] of wrong) {
    it(`refuses ${name}`, () => {
      assert.deepEqual(
        pathsOf(() => decideUserCreation(admin, { ...creation, ...change })),
        expected,
      );
    });
  }

  it('takes the longest texts, counted in characters', () => {
    const longest = {
      ...{ ...creation, externalId: '𝕏'.repeat(256), displayName: '𝕏'.repeat(200) },
      email: `${'x'.repeat(308)}@example.org`,
    };
    assert.deepEqual(decideUserCreation(admin, longest), { ...longest, role: 'member' });
  });
});

describe('decideUserUpdate', () => {
  const settings = {
    ...{ email: 'ada@example.org', displayName: 'Ada', role: 'member', rateLimitPerHour: null },
    isDisabled: false,
  };
  const decide = (mask: string[], change: Partial<UserUpdateRequest> = {}, by = admin) =>
    decideUserUpdate(by, user, { ...update, ...change, mask });

  it('changes what the mask names, and nothing else', () => {
    const all = {
      ...{ email: 'b@example.org', displayName: 'B', role: 'admin' as const, disabled: true },
      rateLimitPerHour: 7,
    };
    const { disabled, ...rest } = all;
    const whole = ['email', 'display_name', 'role', 'disabled', 'rate_limit_per_hour'];
    assert.deepEqual(decide(whole, all), { ...rest, isDisabled: disabled });
    assert.deepEqual(decide(['display_name'], all), { ...settings, displayName: 'B' });
    assert.deepEqual(decide(['disabled'], all), { ...settings, isDisabled: true });
  });

  it('takes an absent value for none', () => {
    assert.deepEqual(decide(['email', 'rate_limit_per_hour']), { ...settings, email: null });
  });

  it('refuses an empty mask, and fields that there are not', () => {
    for (const mask of [[], [''], ['id'], ['external_id'], ['display_name', 'displayName']]) {
      assert.deepEqual(
        pathsOf(() => decide(mask, { displayName: 'B' })),
        ['update_mask'],
        String(mask),
      );
    }
  });

  it('names all that is wrong at once', () => {
    const mask = ['email', 'display_name', 'role', 'rate_limit_per_hour', 'name'];
    const all = ['update_mask', 'email', 'display_name', 'role', 'rate_limit_per_hour'];
    assert.deepEqual(
      pathsOf(() => decide(mask, { email: 'x', rateLimitPerHour: 0 })),
      all,
    );
  });

  it('lets nobody disable or demote themself', () => {
    const own = { ...user, role: 'admin' as const };
    const themself = actorWith(SCOPES, user.id);
    const attempt = (mask: string[], change: Partial<UserUpdateRequest>) =>
      decideUserUpdate(themself, own, { ...update, ...change, mask });
    const both = () => attempt(['disabled', 'role'], { disabled: true, role: 'member' });
    assert.deepEqual([refusalOf(both).reason, pathsOf(both)], ['own_account', ['role', 'disabled']]);
    const harmless = attempt(['disabled', 'role', 'display_name'], {
      ...{ disabled: false, role: 'admin', displayName: 'Me' },
    });
    assert.deepEqual(harmless, { ...settings, role: 'admin', displayName: 'Me' });
  });
});
