import pg from 'pg';
import type { KeyStanding } from '../domain/key.ts';
import type { ListQuery } from '../domain/listing.ts';
import { KEY_COLUMNS } from './rows.ts';

/** In words that the partial indexes know. */
const STANDING: Readonly<Record<KeyStanding, string>> = {
  active: 'k.is_active and (k.expires_at is null or k.expires_at > now())',
  expired: 'k.revoked_at is null and k.expires_at <= now()',
  revoked: 'not k.is_active and k.revoked_at is not null',
};

/** A page of keys, and one more that tells whether there is another page. */
export function listStatement(query: ListQuery): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const conditions: string[] = [];
  if (query.ownerId !== null) conditions.push(`k.user_id = ${parameter(query.ownerId)}`);
  if (query.userId !== '') conditions.push(`k.user_id = ${parameter(query.userId)}`);
  if (query.standing !== null) conditions.push(STANDING[query.standing]);
  // Literals rather than parameters, for the partial indexes to be found.
  if (query.environment !== null) conditions.push(`k.environment = ${pg.escapeLiteral(query.environment)}`);
  if (query.scope !== '') conditions.push(`k.scopes @> array[${pg.escapeLiteral(query.scope)}]`);
  if (query.nameContains !== '')
    conditions.push(`k.name ilike ${parameter(likePattern(query.nameContains))}`);
  if (query.unusedSince !== null) {
    conditions.push(`(k.last_used_at is null or k.last_used_at < ${parameter(query.unusedSince)})`);
  }
  if (query.expiresBefore !== null) {
    conditions.push(`k.revoked_at is null and k.expires_at < ${parameter(query.expiresBefore)}`);
  }
  if (query.after !== null) {
    const { createdAt, id } = query.after;
    conditions.push(`(k.created_at, k.id) < (${parameter(createdAt)}, ${parameter(id)})`);
  }
  const where = conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
  const limit = parameter(query.limit + 1);
  const text = `select ${KEY_COLUMNS} from api_keys k ${where} order by k.created_at desc, k.id desc limit ${limit}`;
  return { text, values };
}

function likePattern(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`;
}
