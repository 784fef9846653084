/** Decisions about users. All of them are an admin's. */
import { HokusaiError } from '@hokusai/contracts/errors';
import {
  EMAIL_LIMIT,
  EXTERNAL_ID_LIMIT,
  emailProblem,
  LIMIT_MAX,
  NAME_LIMIT,
} from '@hokusai/contracts/fields';
import { type Actor, requireScope } from './actor.ts';
import type { Role } from './key.ts';
import { checkMask } from './mask.ts';
import { checkLine } from './text.ts';
import { type NewUser, settingsOf, type User, type UserSettings } from './user.ts';
import { Violations } from './violations.ts';

/** As asked for; null where the caller left it out. */
export interface UserCreationRequest {
  externalId: string | null;
  email: string | null;
  displayName: string;
  /** null: member. */
  role: Role | null;
  rateLimitPerHour: number | null;
}

/** Throws `permission_denied` unless the actor may look at users. */
export function requireUserAdmin(actor: Actor): void {
  requireScope(actor, 'admin');
}

/** The user, if the actor may see them. */
export function decideUserRead(actor: Actor, user: User | null): User {
  requireUserAdmin(actor);
  if (user !== null) return user;
  throw new HokusaiError('not_found', 'There is no such user.', { reason: 'user_not_found' });
}

/** Throws `permission_denied`, or `unprocessable` with all violations. */
export function decideUserCreation(actor: Actor, request: UserCreationRequest): Omit<NewUser, 'id'> {
  requireUserAdmin(actor);
  const violations = new Violations();
  const user = {
    externalId: request.externalId === null ? null : checkExternalId(request.externalId, violations),
    email: checkEmail(request.email, violations),
    displayName: checkDisplayName(request.displayName, violations),
    role: request.role ?? 'member',
    rateLimitPerHour: checkRateLimit(request.rateLimitPerHour, violations),
  };
  violations.throwIfAny();
  return user;
}

const UPDATABLE = ['email', 'display_name', 'role', 'disabled', 'rate_limit_per_hour'] as const;

/** Fields that the mask does not name are ignored. */
export interface UserUpdateRequest {
  mask: readonly string[];
  /** null: none any more. */
  email: string | null;
  displayName: string;
  /** null: left out, which is none of the roles. */
  role: Role | null;
  disabled: boolean;
  /** null: no such limit. */
  rateLimitPerHour: number | null;
}

/**
 * The user's settings after the update. Nobody disables or demotes themself, so one admin at least is left.
 * Throws `permission_denied`, `not_found`, or `unprocessable` with all violations.
 */
export function decideUserUpdate(
  actor: Actor,
  target: User | null,
  request: UserUpdateRequest,
): UserSettings {
  const user = decideUserRead(actor, target);
  const violations = new Violations();
  const named = checkMask(request.mask, UPDATABLE, violations);
  const settings = settingsOf(user);
  if (named.has('email')) settings.email = checkEmail(request.email, violations);
  if (named.has('display_name')) settings.displayName = checkDisplayName(request.displayName, violations);
  if (named.has('role')) settings.role = checkRole(request.role, violations) ?? user.role;
  if (named.has('disabled')) settings.isDisabled = request.disabled;
  if (named.has('rate_limit_per_hour')) {
    settings.rateLimitPerHour = checkRateLimit(request.rateLimitPerHour, violations);
  }
  if (user.id === actor.userId) checkOwnAccount(settings, violations);
  violations.throwIfAny();
  return settings;
}

function checkOwnAccount({ role, isDisabled }: UserSettings, violations: Violations): void {
  const advice = 'ask another admin to do it';
  if (role !== 'admin') violations.add('role', `you cannot demote yourself: ${advice}`, 'own_account');
  if (isDisabled) violations.add('disabled', `you cannot disable yourself: ${advice}`, 'own_account');
}

function checkExternalId(text: string, violations: Violations): string {
  return checkLine(text, { path: 'external_id', limit: EXTERNAL_ID_LIMIT, required: true }, violations);
}

function checkDisplayName(text: string, violations: Violations): string {
  return checkLine(text, { path: 'display_name', limit: NAME_LIMIT, required: true }, violations);
}

function checkEmail(text: string | null, violations: Violations): string | null {
  if (text === null) return null;
  const problem = emailProblem(text);
  if (problem === undefined) {
    return checkLine(text, { path: 'email', limit: EMAIL_LIMIT, required: true }, violations);
  }
  violations.add('email', problem);
  return text;
}

function checkRole(role: Role | null, violations: Violations): Role | null {
  if (role === null) violations.add('role', 'expected one of member, admin');
  return role;
}

function checkRateLimit(limit: number | null, violations: Violations): number | null {
  const isValid = limit === null || (Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX);
  if (!isValid) violations.add('rate_limit_per_hour', `expected a whole number from 1 to ${LIMIT_MAX}`);
  return limit;
}
