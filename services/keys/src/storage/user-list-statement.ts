import pg from 'pg';
import type { UserListQuery, UserStanding } from '../domain/user-listing.ts';
import { USER_COLUMNS } from './user-rows.ts';

/** In words that the partial indexes know. */
const STANDING: Readonly<Record<UserStanding, string>> = {
  active: 'u.disabled_at is null',
  disabled: 'u.disabled_at is not null',
};

/** A page of users, and one more that tells whether there is another page. */
export function userListStatement(query: UserListQuery): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions: string[] = [];
  if (query.externalId !== '') conditions.push(`u.external_id = ${parameter(query.externalId)}`);
  if (query.email !== '') conditions.push(`lower(u.email) = lower(${parameter(query.email)})`);
  if (query.role !== null) conditions.push(`u.role = ${pg.escapeLiteral(query.role)}`);
  if (query.standing !== null) conditions.push(STANDING[query.standing]);
  if (query.after !== null) {
    const { createdAt, id } = query.after;
    conditions.push(`(u.created_at, u.id) < (${parameter(createdAt)}, ${parameter(id)})`);
  }
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const limit = parameter(query.limit + 1);
  const text = `select ${USER_COLUMNS} from users u ${where} order by u.created_at desc, u.id desc limit ${limit}`;
  return { text, values };
}
