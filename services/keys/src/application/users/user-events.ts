/** Audit events about users. */
import type { JsonObject } from '../../domain/key.ts';
import { settingsOf, type User, type UserSettings } from '../../domain/user.ts';
import type { AuditEntry } from '../events.ts';

type UserEntry = Pick<AuditEntry, 'action' | 'target' | 'before' | 'after' | 'email'>;

/** What the log is told of a new user. */
export function userCreated(user: User): UserEntry {
  const { isDisabled: _, ...settings } = settingsOf(user);
  const after = { external_id: user.externalId, ...factsOf(settings) };
  return { action: 'user.created', target: targetOf(user.id), after, email: user.email };
}

/** What the log is told of a change: the fields that differ. undefined if none does. */
export function userChanged(user: User, after: UserSettings): UserEntry | undefined {
  const before = settingsOf(user);
  const names = SETTINGS.filter((name) => before[name] !== after[name]);
  if (names.length === 0) return undefined;
  return {
    action: names.includes('isDisabled') ? switchOf(after.isDisabled) : 'user.updated',
    target: targetOf(user.id),
    before: factsOf(pick(before, names)),
    after: factsOf(pick(after, names)),
    email: names.includes('email') ? (after.email ?? before.email) : null,
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

const NAMES: { readonly [Name in keyof UserSettings]: string } = {
  email: 'email',
  displayName: 'display_name',
  role: 'role',
  rateLimitPerHour: 'rate_limit_per_hour',
  isDisabled: 'disabled',
};
const SETTINGS = Object.keys(NAMES) as (keyof UserSettings)[];

/** In place of an email address, which the log keeps where it can be erased. */
const PERSONAL = '[personal]';

function factsOf(settings: Partial<UserSettings>): JsonObject {
  const entries = SETTINGS.filter((name) => settings[name] !== undefined).map((name) => {
    const value = settings[name] as JsonObject[string];
    return [NAMES[name], name === 'email' && value !== null ? PERSONAL : value];
  });
  return Object.fromEntries(entries);
}

function pick(settings: UserSettings, names: readonly (keyof UserSettings)[]): Partial<UserSettings> {
  return Object.fromEntries(names.map((name) => [name, settings[name]]));
}
