/** Audit events about users. */
import type { JsonObject } from '../../domain/key.ts';
import { settingsOf, type User, type UserSettings } from '../../domain/user.ts';
import { differing } from '../change-key.ts';
import { type AuditEntry, PERSONAL, type UserValues } from '../events.ts';

type UserEntry = Pick<AuditEntry, 'action' | 'target' | 'before' | 'after' | 'personal'>;

/** What the log is told of a new user. */
export function userCreated(user: User): UserEntry {
  const { disabled: _, ...facts } = factsOf(settingsOf(user));
  const after = { external_id: user.externalId, ...facts };
  return {
    action: 'user.created',
    target: targetOf(user.id),
    after: withoutPersonal(after),
    personal: personalOf({}, after),
  };
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
    personal: personalOf(before, after),
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
const PERSONAL_FACTS: ReadonlySet<string> = new Set(['email', 'external_id', 'display_name']);

function withoutPersonal(facts: JsonObject): JsonObject {
  const entries = Object.entries(facts).map(
    ([name, value]) => [name, value !== null && PERSONAL_FACTS.has(name) ? PERSONAL : value] as const,
  );
  return Object.fromEntries(entries);
}

/** What `withoutPersonal` took out and is to be known all the same, until it is erased. */
function personalOf(before: JsonObject, after: JsonObject): UserValues {
  const values: UserValues = {};
  for (const name of ['email', 'display_name'] as const) {
    const [former, value] = [before[name], after[name]];
    if (typeof value === 'string') values[name] = value;
    if (typeof former === 'string') values[`${name}_before`] = former;
  }
  return values;
}
