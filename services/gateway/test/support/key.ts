/** Keys and their states for tests of the request path. */
import { randomBytes, randomUUID } from 'node:crypto';
import { mintKey } from '@hokusai/key-format';
import type { KeyState } from '../../src/domain/key-state.ts';
import type { AuthenticatedKey } from '../../src/domain/ports.ts';

export interface TestKey {
  key: string;
  prefix: string;
  authenticated: AuthenticatedKey;
}

/** A new key that may do everything, but for what `state` says otherwise. */
export function testKey(state: Partial<KeyState> = {}): TestKey {
  const environment = state.environment ?? 'live';
  const { key, prefix } = mintKey(environment, [], randomBytes);
  const nowMs = Date.now();
  const whole: KeyState = {
    keyId: randomUUID(),
    version: 1n,
    name: 'a key of the tests',
    environment,
    acceptedSecrets: [{ keyPrefix: prefix, validUntilMs: null }],
    isActive: true,
    revokedAtMs: null,
    revokedReason: null,
    expiresAtMs: null,
    scopes: ['mlflow:read', 'mlflow:write', 'mlflow:delete', 'mlflow:invoke', 'keys:read', 'keys:write'],
    limits: { ratePerHour: 20_000, burst: 100, burstWindowSeconds: 1 },
    allowedIps: [],
    owner: {
      userId: randomUUID(),
      displayName: 'Ada',
      role: 'member',
      disabledAtMs: null,
      rateLimitPerHour: null,
    },
    read: { epoch: 'test', cut: 1n, readAtMs: nowMs },
    ...state,
  };
  return {
    key,
    prefix,
    authenticated: { proof: { keyId: whole.keyId, keyPrefix: prefix }, state: whole, nowMs },
  };
}
