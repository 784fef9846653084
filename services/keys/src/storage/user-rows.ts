/** Rows of `users`, and what they mean. */
import type { Role } from '../domain/key.ts';
import type { User } from '../domain/user.ts';

/** Select list for a user `u`. */
export const USER_COLUMNS = `u.id, u.external_id, u.email, u.display_name, u.role, u.rate_limit_per_hour,
  u.created_at, u.disabled_at`;

export interface UserRow {
  id: string;
  external_id: string | null;
  email: string | null;
  display_name: string;
  role: Role;
  rate_limit_per_hour: number | null;
  created_at: Date;
  disabled_at: Date | null;
}

export function toUser(row: UserRow): User {
  return {
    id: row.id,
    externalId: row.external_id,
    email: row.email,
    displayName: row.display_name,
    role: row.role,
    rateLimitPerHour: row.rate_limit_per_hour,
    createdAt: row.created_at,
    disabledAt: row.disabled_at,
  };
}
