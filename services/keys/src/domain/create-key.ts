/** The decision whether a key may be created, and as what. */
import { NAME_LIMIT } from '@hokusai/contracts/fields';
import { DEFAULT_SCOPES, type Scope } from '@hokusai/contracts/scopes';
import { type Actor, reaches, requireScope } from './actor.ts';
import { blocksBeyond } from './grant.ts';
import type { Environment, JsonObject, Limits, Owner } from './key.ts';
import {
  adminRefusal,
  checkBlocks,
  checkRoom,
  checkScopes,
  endRefusal,
  latestEnd,
  type Refusal,
} from './key-fields.ts';
import { checkLimits, type RequestedLimits, tighter } from './limits.ts';
import { checkLine, checkMetadata } from './text.ts';
import { earliest } from './time.ts';
import { Violations } from './violations.ts';

/** As asked for; null where the caller left it out. */
export interface CreationRequest {
  name: string;
  /** null: the caller themself. */
  userId: string | null;
  environment: Environment | null;
  scopes: readonly string[] | null;
  expiresAt: Date | null;
  limits: RequestedLimits;
  /** Empty: left out. */
  allowedIps: readonly string[];
  metadata: JsonObject;
}

/** What the deployment decides. */
export interface IssuingPolicy {
  defaultLimits: Limits;
  /** Working keys of a member. */
  maxKeysPerUser: number;
  /** null: keys live until revoked. */
  defaultTtlMs: number | null;
  /** null: no bound. */
  maxTtlMs: number | null;
  /** How long a replaced secret works where the rotation doesn't say. */
  rotationGraceMs: number;
}

/** The future owner and, of a member, how many working keys they have, counted up to what is allowed. */
export interface Ownership {
  owner: Owner;
  workingKeys: number;
}

/** What is to be stored, besides ids, times and the secret. */
export interface NewKey {
  userId: string;
  createdByKeyId: string | null;
  name: string;
  environment: Environment;
  scopes: readonly Scope[];
  expiresAt: Date | null;
  limits: Limits;
  allowedIps: readonly string[];
  metadata: JsonObject;
}

/**
 * Decides from the acting key: a child's scopes, expiry and addresses lie within its creator's, and a
 * member may only tighten limits. Throws `permission_denied`, or `unprocessable` with all violations.
 */
export function decideCreation(
  actor: Actor,
  request: CreationRequest,
  ownership: Ownership | null,
  policy: IssuingPolicy,
  now: Date,
): NewKey {
  requireScope(actor, 'keys:write');
  const violations = new Violations();
  const environment = checkEnvironment(actor, request, violations);
  const key = {
    userId: checkOwner(actor, ownership, policy, violations),
    createdByKeyId: actor.keyId,
    name: checkLine(request.name, { path: 'name', limit: NAME_LIMIT, required: true }, violations),
    environment,
    scopes: checkGrantedScopes(actor, request, environment, ownership?.owner, violations),
    expiresAt: checkExpiry(actor, request.expiresAt, policy, now, violations),
    limits: checkLimits(request.limits, limitsBase(actor, policy), actor.isAdmin, violations),
    allowedIps: checkAllowedIps(actor, request.allowedIps, violations),
    metadata: request.metadata,
  };
  checkMetadata(request.metadata, violations);
  violations.throwIfAny();
  return key;
}

/** Absent, an admin's key begets keys with the defaults; a member's are never looser than itself. */
function limitsBase(actor: Actor, { defaultLimits }: IssuingPolicy): Limits {
  return actor.isAdmin ? defaultLimits : tighter(defaultLimits, actor.limits);
}

/** One text for an unknown user and for somebody else, so that nobody learns which users exist. */
function checkOwner(
  actor: Actor,
  ownership: Ownership | null,
  { maxKeysPerUser }: IssuingPolicy,
  violations: Violations,
): string {
  if (ownership === null || !reaches(actor, ownership.owner.userId)) {
    violations.add('user_id', 'there is no such user, or you may not create keys for them', 'user_not_found');
    return '';
  }
  const { owner, workingKeys } = ownership;
  if (owner.disabledAt !== null) violations.add('user_id', 'this user is disabled', 'owner_disabled');
  checkRoom(owner, workingKeys, maxKeysPerUser, violations);
  return owner.userId;
}

function checkEnvironment(actor: Actor, request: CreationRequest, violations: Violations): Environment {
  const environment = request.environment ?? 'live';
  if (actor.environment === 'test' && environment === 'live') {
    violations.add('environment', 'a test key cannot create a live key', 'environment_escalation');
  }
  return environment;
}

function checkGrantedScopes(
  actor: Actor,
  request: CreationRequest,
  environment: Environment,
  owner: Owner | undefined,
  violations: Violations,
): Scope[] {
  const refusalOf = (scope: Scope): Refusal | undefined => {
    if (actor.scopes.includes(scope)) {
      return scope === 'admin' ? adminRefusal(environment, owner) : undefined;
    }
    return [`you cannot grant ${scope}, which the acting key does not hold`, 'scope_not_held'];
  };
  const defaultRefusalOf = (scope: Scope): Refusal | undefined =>
    refusalOf(scope) && [
      `left out, they include ${scope}, which the acting key does not hold: name the scopes`,
      'scope_not_held',
    ];
  return request.scopes === null
    ? checkScopes(DEFAULT_SCOPES, violations, defaultRefusalOf, () => 'scopes')
    : checkScopes(request.scopes, violations, refusalOf);
}

/** Absent, the key lives for the default time, as far as its creator and the deployment's bound let it. */
function checkExpiry(
  actor: Actor,
  expiresAt: Date | null,
  policy: IssuingPolicy,
  now: Date,
  violations: Violations,
): Date | null {
  const longest = latestEnd(policy.maxTtlMs, now);
  if (expiresAt === null) {
    const usual = policy.defaultTtlMs === null ? null : new Date(now.getTime() + policy.defaultTtlMs);
    return earliest(usual, longest, actor.expiresAt);
  }
  const path = 'expires_at';
  const refusal = endRefusal(expiresAt, now);
  if (refusal) violations.add(path, ...refusal);
  else if (actor.expiresAt !== null && expiresAt > actor.expiresAt) {
    const bound = actor.expiresAt.toISOString();
    violations.add(path, `lies after the end of the acting key, ${bound}`, 'expiry_beyond_actor');
  } else if (longest !== null && expiresAt > longest) {
    violations.add(path, `lies after ${longest.toISOString()}, the latest that is allowed here`);
  }
  return expiresAt;
}

/** Absent, the key works from where its creator does. */
function checkAllowedIps(actor: Actor, requested: readonly string[], violations: Violations): string[] {
  if (requested.length === 0) return [...actor.allowedIps];
  return checkBlocks(requested, violations, (block) => {
    if (blocksBeyond([block], actor.allowedIps).length === 0) return undefined;
    return ['lies outside the addresses from which the acting key works', 'address_beyond_actor'];
  });
}
