/** What a user is: a person or a program that owns keys. */
import type { Role } from './key.ts';

export interface User {
  id: string;
  /** The identity provider's name for the user; unique. */
  externalId: string | null;
  /** Personal: it stands nowhere in events but where the audit log keeps it erasably. */
  email: string | null;
  displayName: string;
  role: Role;
  /** Requests in any hour over all keys of the user; null: no such limit. */
  rateLimitPerHour: number | null;
  createdAt: Date;
  disabledAt: Date | null;
}

/** What is to be stored of a new user. */
export type NewUser = Omit<User, 'createdAt' | 'disabledAt'>;

/** What an update may change. */
export interface UserSettings extends Pick<User, 'email' | 'displayName' | 'role' | 'rateLimitPerHour'> {
  isDisabled: boolean;
}

export function settingsOf(user: User): UserSettings {
  const { email, displayName, role, rateLimitPerHour } = user;
  return { email, displayName, role, rateLimitPerHour, isDisabled: user.disabledAt !== null };
}
