/** Messages of the keys service, for tests. */
import { toTimestamp } from '@hokusai/contracts';
import type { KeyState as KeyStateMessage } from '@hokusai/contracts/gen/keys/v1/KeyState';
import type { KeyState, ReadPoint } from '../../../src/domain/key-state.ts';

const at = (ms: number | null) => (ms === null ? null : toTimestamp(new Date(ms)));

/** A state as the keys service sends it. */
export function stateMessage(state: KeyState): KeyStateMessage {
  const { owner, limits } = state;
  return {
    keyId: state.keyId,
    version: String(state.version),
    name: state.name,
    environment: state.environment === 'live' ? 'ENVIRONMENT_LIVE' : 'ENVIRONMENT_TEST',
    acceptedSecrets: state.acceptedSecrets.map(({ keyPrefix, validUntilMs }) => ({
      keyPrefix,
      validUntil: at(validUntilMs),
      retiredAt: null,
    })),
    isActive: state.isActive,
    revokedAt: at(state.revokedAtMs),
    ...(state.revokedReason === null ? {} : { revokedReason: state.revokedReason }),
    expiresAt: at(state.expiresAtMs),
    rotatedAt: null,
    scopes: [...state.scopes],
    limits: {
      rateLimitPerHour: limits.ratePerHour,
      burstLimit: limits.burst,
      burstWindowSeconds: limits.burstWindowSeconds,
    },
    allowedIps: [...state.allowedIps],
    owner: {
      userId: owner.userId,
      displayName: owner.displayName,
      role: owner.role === 'admin' ? 'ROLE_ADMIN' : 'ROLE_MEMBER',
      disabledAt: at(owner.disabledAtMs),
      ...(owner.rateLimitPerHour === null ? {} : { rateLimitPerHour: owner.rateLimitPerHour }),
    },
    read: readMessage(state.read),
  };
}

export function readMessage({ epoch, cut, readAtMs }: ReadPoint) {
  return { epoch, cut: String(cut), readAt: at(readAtMs) };
}
