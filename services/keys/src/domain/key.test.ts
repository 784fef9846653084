import assert from 'node:assert/strict';
import { acceptedSecrets, type Key, standingOf } from './key.ts';

const now = new Date('2026-03-01T12:00:00.000Z');
const at = (ms: number) => new Date(now.getTime() + ms);

describe('standingOf', () => {
  const key = { isActive: true, revokedAt: null, expiresAt: null };

  it('is active until the instant of expiry, which is no longer', () => {
    assert.equal(standingOf(key, now), 'active');
    assert.equal(standingOf({ ...key, expiresAt: at(1) }, now), 'active');
    assert.equal(standingOf({ ...key, expiresAt: now }, now), 'expired');
    assert.equal(standingOf({ ...key, expiresAt: at(-1) }, now), 'expired');
  });

  it('is expired once a sweep deactivated it, whatever the clock says', () => {
    assert.equal(standingOf({ ...key, isActive: false, expiresAt: at(1) }, now), 'expired');
  });

  it('is revoked before all else', () => {
    assert.equal(standingOf({ isActive: false, revokedAt: at(-5), expiresAt: at(-9) }, now), 'revoked');
  });
});

describe('acceptedSecrets', () => {
  it('are the current one, and the retired ones in their grace', () => {
    const retired = (keyPrefix: string, validUntil: Date) => ({
      ...{ keyPrefix, validUntil, retiredAt: at(-10) },
      ...{ lastUsedAt: null, lastUsedIp: null },
    });
    const retiredSecrets = [retired('later', at(1)), retired('now', now), retired('past', at(-1))];
    const key = { keyPrefix: 'current', retiredSecrets } as unknown as Key;
    assert.deepEqual(acceptedSecrets(key, now), [
      { keyPrefix: 'current', validUntil: null, retiredAt: null },
      { keyPrefix: 'later', validUntil: at(1), retiredAt: at(-10) },
    ]);
  });
});
