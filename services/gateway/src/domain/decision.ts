/** Whether a proved key may do what a request asks for: rules on its state, without any I/O. */
import { type AddressMatcher, addressMatcher, UNKNOWN_ADDRESS } from '@hokusai/contracts/addresses';
import { effectiveScopes, grants, type Scope } from '@hokusai/contracts/scopes';
import type { AcceptedSecret, KeyState } from './key-state.ts';
import type { AuthenticatedKey } from './ports.ts';
import type { Refusal } from './refusals.ts';

export interface AskedFor {
  /** Address of the client, v4 or v6, without port; or `UNKNOWN_ADDRESS`. */
  clientIp: string;
  /** What the route needs; null where any working key will do. */
  scope: Scope | null;
}

/** The reason against serving the request, the most final one first; undefined if there is none. */
export function decide(authenticated: AuthenticatedKey, asked: AskedFor): Refusal | undefined {
  return (
    refusalOfKey(authenticated) ??
    refusalOfSecret(authenticated) ??
    refusalOfAddress(authenticated, asked.clientIp) ??
    refusalOfScope(authenticated, asked.scope)
  );
}

/**
 * What the key may do: its own scopes as far as its owner's role allows. The keys service narrows them by
 * the same rule, and it alone decides about keys and users.
 */
export function heldScopes(state: KeyState): readonly Scope[] {
  return preparedOf(state).held;
}

/** What is worked out once for a state, which then decides about many requests. */
interface Prepared {
  held: readonly Scope[];
  allowsAddress: AddressMatcher;
}

const prepared = new WeakMap<KeyState, Prepared>();

function preparedOf(state: KeyState): Prepared {
  let entry = prepared.get(state);
  if (!entry) {
    const isAnywhere = state.allowedIps.length === 0;
    entry = {
      held: effectiveScopes(state.scopes, state.owner.role),
      allowsAddress: isAnywhere ? () => true : addressMatcher(state.allowedIps),
    };
    prepared.set(state, entry);
  }
  return entry;
}

function refusalOfKey({ proof, state, nowMs }: AuthenticatedKey): Refusal | undefined {
  const key = `The API key ${proof.keyPrefix}`;
  if (state.revokedAtMs !== null) {
    const why = state.revokedReason === null ? '' : ` (“${state.revokedReason}”)`;
    return {
      reason: 'key_revoked',
      message: `${key} was revoked on ${instant(state.revokedAtMs)}${why}. It can't be made valid again: ask its owner or an administrator for another key.`,
    };
  }
  if (state.owner.disabledAtMs !== null) {
    return {
      reason: 'owner_disabled',
      message: `${key} doesn't work because its owner was disabled on ${instant(state.owner.disabledAtMs)}. Ask an administrator.`,
    };
  }
  // A key that is inactive without having been revoked was found expired by the keys service.
  if (!state.isActive || (state.expiresAtMs !== null && state.expiresAtMs <= nowMs)) {
    const expired = state.expiresAtMs === null ? 'has expired' : `expired on ${instant(state.expiresAtMs)}`;
    return {
      reason: 'key_expired',
      message: `${key} ${expired}. Create a new key, or ask for its expiry to be extended.`,
    };
  }
  return undefined;
}

/** False once a rotation has replaced the secret that was used, and its grace is over. */
export function acceptsSecret(authenticated: AuthenticatedKey): boolean {
  const secret = secretOf(authenticated);
  return secret !== undefined && (secret.validUntilMs === null || secret.validUntilMs > authenticated.nowMs);
}

function secretOf({ proof, state }: AuthenticatedKey): AcceptedSecret | undefined {
  return state.acceptedSecrets.find(({ keyPrefix }) => keyPrefix === proof.keyPrefix);
}

function refusalOfSecret(authenticated: AuthenticatedKey): Refusal | undefined {
  if (acceptsSecret(authenticated)) return undefined;
  const { proof, state } = authenticated;
  const current = state.acceptedSecrets.find(({ validUntilMs }) => validUntilMs === null);
  const replacement = current ? `: the one that starts with ${current.keyPrefix} replaced it` : '';
  const rotated = proof.retiredAtMs === undefined ? '' : ` on ${instant(proof.retiredAtMs)}`;
  return {
    reason: 'secret_rotated',
    message: `The API key ${proof.keyPrefix} was rotated${rotated}${replacement}. Use the new key.`,
  };
}

function refusalOfAddress({ proof, state }: AuthenticatedKey, clientIp: string): Refusal | undefined {
  if (preparedOf(state).allowsAddress(clientIp)) return undefined;
  if (clientIp === UNKNOWN_ADDRESS) {
    return {
      reason: 'address_not_allowed',
      message: `The API key ${proof.keyPrefix} is allowed from certain addresses only, and the address of this request can't be told: a proxy on its way wrote something else than an address into X-Forwarded-For. Ask whoever runs the proxy to look at that header.`,
    };
  }
  return {
    reason: 'address_not_allowed',
    message: `The API key ${proof.keyPrefix} is not allowed from the address ${clientIp}. Use it from an allowed network, or ask its owner to allow this one.`,
  };
}

function refusalOfScope({ proof, state }: AuthenticatedKey, needed: Scope | null): Refusal | undefined {
  if (needed === null) return undefined;
  const { held } = preparedOf(state);
  if (held.includes(needed)) return undefined;
  const message = grants(state.scopes, needed)
    ? `The API key ${proof.keyPrefix} has the scope ${needed}, which this needs, but its owner is no administrator. Use an administrator's key.`
    : `The API key ${proof.keyPrefix} lacks the scope ${needed}, which this needs; it has ${held.join(', ') || 'none'}. Use another key, or ask for the scope.`;
  return { reason: 'scope_missing', message };
}

/** To the second, in UTC: `2026-03-01T12:00:00Z`. */
function instant(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
