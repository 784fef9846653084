/** Audit events about users. */
import type { JsonObject } from '../../domain/key.ts';
import { settingsOf, type User, type UserSettings } from '../../domain/user.ts';
import { differing } from '../change-key.ts';
import type { AuditEntry } from '../events.ts';

type UserEntry = Pick<AuditEntry, 'action' | 'target' | 'before' | 'after' | 'email'>;

/** What the log is told of a new user. */
export function userCreated(user: User): UserEntry {
  const { disabled: _, ...facts } = factsOf(settingsOf(user));
  const after = withoutPersonal({ external_id: user.externalId, ...facts });
  return { action: 'user.created', target: targetOf(user.id), after, email: user.email };
}

/** What the log is told of a change: the fields that differ. undefined if none does. */
export function userChanged(user: User, settings: UserSettings): UserEntry | undefined {
  const { before, after } = differing(factsOf(settingsOf(user)), factsOf(settings));
  if (Object.keys(after).length === 0) return undefined;
  return {
    action: 'disabled' in after ? switchOf(settings.isDisabled) : 'user.updated',
    target: targetOf(user.id),
    before: withoutPersonal(before),
    after: withoutPersonal(after),
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

/** External ids are very often addresses, or lead to the person at the identity provider. */
const PERSONAL: ReadonlySet<string> = new Set(['email', 'external_id']);
/** Whatever contains an email address contains this. */
const EMAIL_WITHIN = /[^\s@]@[^\s@]/;

/** That there is one may stay in the log for good; which one it is may not, as nothing there can be erased. */
function withoutPersonal(facts: JsonObject): JsonObject {
  const entries = Object.entries(facts).map(([name, value]) => {
    const isPersonal = typeof value === 'string' && (PERSONAL.has(name) || EMAIL_WITHIN.test(value));
    return [name, isPersonal ? '[personal]' : value] as const;
  });
  return Object.fromEntries(entries);
}
