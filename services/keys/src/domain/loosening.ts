/** Says what is wrong with handing on more than one holds, and where in the request it was asked for. */

import { format, parseBlock } from '@hokusai/contracts/addresses';
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { effectiveScopes, type Scope } from '@hokusai/contracts/scopes';
import type { Actor } from './actor.ts';
import { type Excess, excessOf, type Grant, gainOf, grantOf } from './grant.ts';
import type { OwnedKey } from './key.ts';
import { earliest } from './time.ts';
import type { Violations } from './violations.ts';

/** Someone who has to hold what is handed on. */
export interface Bound {
  /** In words: `the acting key`. */
  holder: string;
  grant: Grant;
  /** Codes of refusals. */
  reasons: { readonly scope: ErrorReason; readonly expiry: ErrorReason; readonly address: ErrorReason };
}

export function actorBound(actor: Actor): Bound {
  const reasons: Bound['reasons'] = {
    scope: 'scope_not_held',
    expiry: 'expiry_beyond_actor',
    address: 'address_beyond_actor',
  };
  return { holder: 'the acting key', grant: actor, reasons };
}

/** The key that created the one that is changed, as it is now: revoked, it holds nothing any more. */
export function creatorBound({ key, owner }: OwnedKey): Bound {
  const reasons: Bound['reasons'] = {
    scope: 'scope_beyond_creator',
    expiry: 'expiry_beyond_creator',
    address: 'address_beyond_creator',
  };
  const grant = {
    ...grantOf(key),
    scopes: effectiveScopes(key.scopes, owner.role),
    expiresAt: earliest(key.expiresAt, key.revokedAt),
  };
  return { holder: 'the key that created this one', grant, reasons };
}

/** Names scopes and addresses at their places in here. */
interface Requested {
  scopes: readonly string[];
  allowedIps: readonly string[];
}

/** Checks that each bound holds what a change from `before` to `after` hands on. */
export function checkLoosening(
  before: Grant,
  after: Grant,
  bounds: readonly Bound[],
  requested: Requested,
  violations: Violations,
): void {
  const gain = gainOf(before, after);
  if (gain === null) return;
  const added = excessOf(after, before);
  for (const bound of bounds) {
    const excess = excessOf(gain, bound.grant);
    if (excess.environment) {
      violations.add('', 'a test key cannot loosen a live key', 'environment_escalation');
    }
    refuseScopes(excess, added, bound, requested, violations);
    refuseEnd(excess, added, bound, violations);
    refuseAddresses(excess, added, bound, requested, violations);
  }
}

function refuseScopes(
  { scopes }: Excess,
  added: Excess,
  { holder, reasons }: Bound,
  requested: Requested,
  violations: Violations,
): void {
  for (const [index, scope] of requested.scopes.entries()) {
    if (!isOneOf(scopes, scope) || !isOneOf(added.scopes, scope)) continue;
    violations.add(
      `scopes[${index}]`,
      `you cannot grant ${scope}, which ${holder} does not hold`,
      reasons.scope,
    );
  }
  const present = scopes.filter((scope) => !added.scopes.includes(scope));
  if (present.length === 0) return;
  const message = `the key holds ${present.join(', ')}, which ${holder} does not: such a key can only be tightened`;
  violations.add(added.expiry ? 'expires_at' : 'allowed_ips', message, reasons.scope);
}

function refuseEnd(
  { expiry }: Excess,
  added: Excess,
  { holder, reasons, grant }: Bound,
  violations: Violations,
) {
  if (!expiry) return;
  const end = `the end of ${holder}, ${grant.expiresAt?.toISOString()}`;
  if (added.expiry) violations.add('expires_at', `lies after ${end}`, reasons.expiry);
  else {
    const path = added.scopes.length > 0 ? 'scopes' : 'allowed_ips';
    violations.add(path, `the key works after ${end}: such a key can only be tightened`, reasons.expiry);
  }
}

function refuseAddresses(
  { addresses }: Excess,
  added: Excess,
  { holder, reasons }: Bound,
  { allowedIps }: Requested,
  violations: Violations,
): void {
  const outside = `outside the addresses from which ${holder} works`;
  const isNew = (block: string) => added.addresses.includes(block) && addresses.includes(block);
  const places = allowedIps.flatMap((text, index) => (isNew(inOneForm(text)) ? [`[${index}]`] : []));
  // None: it would work from anywhere.
  if (places.length === 0 && addresses.some(isNew)) places.push('');
  for (const place of places) violations.add(`allowed_ips${place}`, `lies ${outside}`, reasons.address);
  if (addresses.every(isNew)) return;
  const message = `the key works from addresses ${outside}: such a key can only be tightened`;
  violations.add(added.expiry ? 'expires_at' : 'scopes', message, reasons.address);
}

function isOneOf(scopes: readonly Scope[], scope: string): boolean {
  return scopes.some((one) => one === scope);
}

function inOneForm(text: string): string {
  const block = parseBlock(text);
  return typeof block === 'string' ? '' : format(block);
}
