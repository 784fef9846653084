/** The decision whether a key may be changed, and into what. */
import { isDeepStrictEqual } from 'node:util';
import { HokusaiError } from '@hokusai/contracts/errors';
import { NAME_LIMIT } from '@hokusai/contracts/fields';
import type { Scope } from '@hokusai/contracts/scopes';
import { decideChange } from './access.ts';
import type { Actor } from './actor.ts';
import type { IssuingPolicy } from './create-key.ts';
import { grantOf, outlives } from './grant.ts';
import { type JsonObject, type Key, type Limits, type OwnedKey, standingOf } from './key.ts';
import { adminRefusal, checkBlocks, checkRoom, checkScopes, endRefusal, latestEnd } from './key-fields.ts';
import { checkLimits, type RequestedLimits } from './limits.ts';
import { actorBound, checkLoosening, creatorBound } from './loosening.ts';
import { checkMask } from './mask.ts';
import { checkLine, checkMetadata } from './text.ts';
import { Violations } from './violations.ts';

const LIMITS = {
  rate_limit_per_hour: 'ratePerHour',
  burst_limit: 'burst',
  burst_window_seconds: 'burstWindowSeconds',
} as const;
const UPDATABLE = [
  ...(['name', 'scopes', 'rate_limit_per_hour', 'burst_limit', 'burst_window_seconds'] as const),
  ...(['allowed_ips', 'expires_at', 'metadata'] as const),
];

/** Fields that the mask does not name are ignored. */
export interface UpdateRequest {
  mask: readonly string[];
  name: string;
  scopes: readonly string[];
  /** null: the default. */
  limits: RequestedLimits;
  /** Empty: anywhere. */
  allowedIps: readonly string[];
  /** null: never. */
  expiresAt: Date | null;
  metadata: JsonObject;
  /** The version that the change is meant for; null: whichever it is. */
  ifVersion: bigint | null;
}

/** What an update may change. */
export type KeySettings = Pick<
  Key,
  'name' | 'scopes' | 'limits' | 'allowedIps' | 'expiresAt' | 'metadata' | 'isActive'
>;

/** What the decision looks at besides actor and key. */
export interface UpdateContext {
  policy: IssuingPolicy;
  /** The key that created the one to be changed; null if there is none. */
  creator: OwnedKey | null;
  /** How many working keys the owner has; of interest where the key does not work. */
  workingKeys: number;
  now: Date;
}

/**
 * The key's settings after the update. What gets tighter may always get so; what gets looser has to be the
 * actor's to hand on and, unless an admin does it, the key's creator's.
 *
 * Throws `permission_denied`, `not_found`, `conflict` if the key has another version than the change is
 * meant for, or `unprocessable` with all violations.
 */
export function decideUpdate(
  actor: Actor,
  target: OwnedKey | null,
  request: UpdateRequest,
  context: UpdateContext,
): KeySettings {
  const owned = decideChange(actor, target);
  const { key } = owned;
  requireVersion(key, request.ifVersion);
  const violations = new Violations();
  if (key.revokedAt !== null) {
    violations.add('', 'this key is revoked: create a new one', 'key_revoked');
    violations.throwIfAny();
  }
  const after = checkSettings(actor, owned, request, context, violations);
  checkNumberOfKeys(owned, after, context, violations);
  const bounds = [actorBound(actor)];
  if (!actor.isAdmin && context.creator !== null) bounds.push(creatorBound(context.creator));
  checkLoosening(grantOf(key), grantOf({ ...key, ...after }), bounds, request, violations);
  violations.throwIfAny();
  return after;
}

/** The settings that differ; undefined if none does. */
export function changesOf(before: KeySettings, after: KeySettings): Partial<KeySettings> | undefined {
  const differing = Object.entries(after).filter(
    ([name, value]) => !isDeepStrictEqual(value, before[name as keyof KeySettings]),
  );
  return differing.length === 0 ? undefined : Object.fromEntries(differing);
}

function requireVersion({ version }: Key, expected: bigint | null): void {
  if (expected === null || expected === version) return;
  const message = `The key was changed meanwhile: it has version ${version}, not ${expected}. Read it again.`;
  throw new HokusaiError('conflict', message, { reason: 'version_mismatch' });
}

function checkSettings(
  actor: Actor,
  { key, owner }: OwnedKey,
  request: UpdateRequest,
  { policy, now }: UpdateContext,
  violations: Violations,
): KeySettings {
  const named = checkMask(request.mask, UPDATABLE, violations);
  const { name, limits, allowedIps, expiresAt, metadata, isActive } = key;
  const after: KeySettings = { name, scopes: key.scopes, limits, allowedIps, expiresAt, metadata, isActive };
  if (named.has('name')) {
    after.name = checkLine(request.name, { path: 'name', limit: NAME_LIMIT, required: true }, violations);
  }
  if (named.has('scopes')) {
    const isNewAdmin = (scope: Scope) => scope === 'admin' && !key.scopes.includes(scope);
    after.scopes = checkScopes(request.scopes, violations, (scope) =>
      isNewAdmin(scope) ? adminRefusal(key.environment, owner) : undefined,
    );
  }
  const requested = requestedLimits(named, request.limits, policy.defaultLimits);
  after.limits = checkLimits(requested, limits, actor.isAdmin, violations);
  if (named.has('allowed_ips')) {
    const blocks = checkBlocks(request.allowedIps, violations, () => undefined);
    // Where none could be read, nobody asked for anywhere.
    const isMeant = blocks.length > 0 || request.allowedIps.length === 0;
    after.allowedIps = isMeant ? blocks : allowedIps;
  }
  if (named.has('expires_at') && request.expiresAt?.getTime() !== expiresAt?.getTime()) {
    after.expiresAt = checkExpiry(key, request.expiresAt, policy, now, violations);
    after.isActive = true;
  }
  if (named.has('metadata')) {
    checkMetadata(request.metadata, violations);
    after.metadata = request.metadata;
  }
  return after;
}

/** Limits that are named and absent take their default; those that are not named stay. */
function requestedLimits(
  named: ReadonlySet<string>,
  requested: RequestedLimits,
  defaults: Limits,
): RequestedLimits {
  const limitOf = (field: keyof typeof LIMITS) =>
    named.has(field) ? (requested[LIMITS[field]] ?? defaults[LIMITS[field]]) : null;
  return {
    ratePerHour: limitOf('rate_limit_per_hour'),
    burst: limitOf('burst_limit'),
    burstWindowSeconds: limitOf('burst_window_seconds'),
  };
}

/** The deployment's bound counts from now, and holds for whoever asks for a later end than there was. */
function checkExpiry(
  key: Key,
  expiresAt: Date | null,
  { maxTtlMs }: IssuingPolicy,
  now: Date,
  violations: Violations,
): Date | null {
  const latest = latestEnd(maxTtlMs, now);
  const refusal = expiresAt && endRefusal(expiresAt, now);
  if (refusal) violations.add('expires_at', ...refusal);
  else if (latest !== null && outlives(expiresAt, key.expiresAt) && outlives(expiresAt, latest)) {
    violations.add('expires_at', `lies after ${latest.toISOString()}, the latest that is allowed here`);
  }
  return expiresAt;
}

/** A key that works again is one more. */
function checkNumberOfKeys(
  { key, owner }: OwnedKey,
  after: KeySettings,
  { policy: { maxKeysPerUser }, workingKeys, now }: UpdateContext,
  violations: Violations,
): void {
  const worksAgain = standingOf(key, now) === 'expired' && standingOf({ ...key, ...after }, now) === 'active';
  if (worksAgain) checkRoom(owner, workingKeys, maxKeysPerUser, violations);
}
