/** Keys and their states, for tests. */
import { randomBytes } from 'node:crypto';
import { mintKey, type TagRing } from '@hokusai/key-format';
import type { KeyState } from '../../src/domain/key-state.ts';

export const KEY_ID = '0d9a6f0e-6c3b-4f39-9d3a-2f6b1a5c7e10';
export const PREFIX = 'hk_live_4fQ0ZyB2kL9x';

/** A new well-formed key. */
export function someKey(environment: 'live' | 'test' = 'live', ring: TagRing = []): string {
  return mintKey(environment, ring, randomBytes).key;
}

/** A state that allows everything that a member's key may, but for what is overridden. */
export function keyState(overrides: Partial<KeyState> = {}): KeyState {
  return {
    keyId: KEY_ID,
    version: 7n,
    name: 'training',
    environment: 'live',
    acceptedSecrets: [{ keyPrefix: PREFIX, validUntilMs: null }],
    isActive: true,
    revokedAtMs: null,
    revokedReason: null,
    expiresAtMs: null,
    scopes: ['mlflow:read', 'mlflow:write'],
    limits: { ratePerHour: 20_000, burst: 100, burstWindowSeconds: 1 },
    allowedIps: [],
    owner: {
      userId: '5b0c3a52-3b0f-4a9c-8f7b-0c6f1c9a7d11',
      displayName: 'Ada',
      role: 'member',
      disabledAtMs: null,
      rateLimitPerHour: null,
    },
    read: { epoch: 'e1', cut: 100n, readAtMs: 1_000_000 },
    ...overrides,
  };
}
