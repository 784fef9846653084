/** Audit events about users. */
import type { JsonObject } from '../../domain/key.ts';
import { settingsOf, type User, type UserSettings } from '../../domain/user.ts';
import { differing } from '../change-key.ts';
import type { AuditEntry } from '../events.ts';

type UserEntry = Pick<AuditEntry, 'action' | 'target' | 'before' | 'after' | 'email'>;

/** What the log is told of a new user. */
export function userCreated(user: User): UserEntry {
  const { disabled: _, ...facts } = factsOf(settingsOf(user));
  const after = { external_id: user.externalId, ...withoutEmail(facts) };
  return { action: 'user.created', target: targetOf(user.id), after, email: user.email };
}

/** What the log is told of a change: the fields that differ. undefined if none does. */
export function userChanged(user: User, settings: UserSettings): UserEntry | undefined {
  const { before, after } = differing(factsOf(settingsOf(user)), factsOf(settings));
  if (Object.keys(after).length === 0) return undefined;
  return {
    action: 'disabled' in after ? switchOf(settings.isDisabled) : 'user.updated',
    target: targetOf(user.id),
    before: withoutEmail(before),
    after: withoutEmail(after),
    email: 'email' in after ? (settings.email ?? user.email) : null,
  };
}

/** What a refused change would have been. */
export function attemptedChange(
  userId: string,
  { mask, disabled }: { mask: readonly string[]; disabled: boolean },
): Pick<AuditEntry, 'action' | 'target'> {
  return {
    action: mask.includes('disabled') ? switchOf(disabled) : 'user.updated',
    target: targetOf(userId),
  };
}

export function targetOf(id: string): AuditEntry['target'] {
  return { type: 'user', id };
}

function switchOf(isDisabled: boolean): string {
  return isDisabled ? 'user.disabled' : 'user.enabled';
}

function factsOf({ email, displayName, role, rateLimitPerHour, isDisabled }: UserSettings): JsonObject {
  return {
    ...{ email, display_name: displayName, role, rate_limit_per_hour: rateLimitPerHour },
    disabled: isDisabled,
  };
}

/** That there is one may stay in the log for good; which one it is stands where it can be erased. */
function withoutEmail(facts: JsonObject): JsonObject {
  return typeof facts['email'] === 'string' ? { ...facts, email: '[personal]' } : facts;
}
