/** A key and a user as the keys service sends them, and as the API shows them. */
import { randomUUID } from 'node:crypto';
import { toStruct, toTimestamp } from '@hokusai/contracts';
import type { Key__Output } from '@hokusai/contracts/gen/keys/v1/Key';
import type { User__Output } from '@hokusai/contracts/gen/keys/v1/User';

export const PLAINTEXT = 'hk_live_the whole new key';

const at = (text: string) => toTimestamp(new Date(text));

export const stored = {
  id: randomUUID(),
  keyPrefix: 'hk_live_abcdefghijkl',
  userId: randomUUID(),
  userDisplayName: 'Ada',
  name: 'training',
  environment: 'ENVIRONMENT_TEST',
  scopes: ['mlflow:read'],
  createdAt: at('2026-01-02T03:04:05.678Z'),
  createdByKeyId: undefined,
  rotatedAt: at('2026-02-02T00:00:00Z'),
  expiresAt: null,
  lastUsedAt: null,
  lastUsedIp: undefined,
  isActive: true,
  revokedAt: null,
  revokedReason: undefined,
  limits: { rateLimitPerHour: 20_000, burstLimit: 100, burstWindowSeconds: 1 },
  allowedIps: ['10.0.0.0/8'],
  metadata: toStruct({ team: 'a' }),
  version: '1764998400123456',
  retiredSecrets: [
    {
      keyPrefix: 'hk_live_lkjihgfedcba',
      retiredAt: at('2026-02-02T00:00:00Z'),
      validUntil: at('2026-02-03T00:00:00Z'),
      lastUsedAt: null,
      lastUsedIp: undefined,
    },
  ],
} as unknown as Key__Output;

export const shown = {
  id: stored.id,
  key_prefix: 'hk_live_abcdefghijkl',
  user_id: stored.userId,
  user_display_name: 'Ada',
  name: 'training',
  environment: 'test',
  scopes: ['mlflow:read'],
  state: 'active',
  is_active: true,
  created_at: '2026-01-02T03:04:05.678Z',
  created_by_key_id: null,
  rotated_at: '2026-02-02T00:00:00.000Z',
  expires_at: null,
  last_used_at: null,
  last_used_ip: null,
  revoked_at: null,
  revoked_reason: null,
  rate_limit_per_hour: 20_000,
  burst_limit: 100,
  burst_window_seconds: 1,
  allowed_ips: ['10.0.0.0/8'],
  metadata: { team: 'a' },
  version: '1764998400123456',
  retired_secrets: [
    {
      key_prefix: 'hk_live_lkjihgfedcba',
      retired_at: '2026-02-02T00:00:00.000Z',
      valid_until: '2026-02-03T00:00:00.000Z',
      last_used_at: null,
      last_used_ip: null,
    },
  ],
};

export const storedUser = {
  id: randomUUID(),
  externalId: 'ada@idp',
  email: 'ada@example.org',
  displayName: 'Ada',
  role: 'ROLE_ADMIN',
  rateLimitPerHour: undefined,
  createdAt: at('2026-01-02T03:04:05.678Z'),
  disabledAt: null,
} as unknown as User__Output;

export const shownUser = {
  id: storedUser.id,
  external_id: 'ada@idp',
  email: 'ada@example.org',
  display_name: 'Ada',
  role: 'admin',
  rate_limit_per_hour: null,
  created_at: '2026-01-02T03:04:05.678Z',
  disabled_at: null,
};
