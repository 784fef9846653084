import { heldScopes } from '../../domain/decision.ts';
import type { Exchange } from '../exchange.ts';
import { actingKeyOf } from './caller.ts';
import type { WhoamiJson } from './schemas.ts';

/** The caller, as the gateway itself knows it. */
export function whoamiJson(exchange: Exchange): WhoamiJson {
  const { proof, state } = actingKeyOf(exchange);
  const { limits, owner, expiresAtMs } = state;
  return {
    key_id: state.keyId,
    key_prefix: proof.keyPrefix,
    name: state.name,
    environment: state.environment,
    scopes: [...heldScopes(state)],
    expires_at: expiresAtMs === null ? null : new Date(expiresAtMs).toISOString(),
    rate_limit_per_hour: limits.ratePerHour,
    burst_limit: limits.burst,
    burst_window_seconds: limits.burstWindowSeconds,
    allowed_ips: [...state.allowedIps],
    user: { id: owner.userId, display_name: owner.displayName, role: owner.role },
  };
}
