/** The filters of a list as conditions on a key `k`, in words that the partial indexes know. */
import pg from 'pg';
import type { KeyStanding } from '../domain/key.ts';
import type { ListQuery } from '../domain/listing.ts';

/** Adds a value to a statement; answers its placeholder. */
export type Parameter = (value: unknown) => string;

/** All filters; `true` if there are none. */
export function filterOf(query: ListQuery, parameter: Parameter): string {
  const conditions: string[] = [];
  if (query.ownerId !== null) conditions.push(`k.user_id = ${parameter(query.ownerId)}`);
  if (query.userId !== '') conditions.push(`k.user_id = ${parameter(query.userId)}`);
  if (query.standing !== null) conditions.push(standingCondition(query.standing, () => parameter(query.now)));
  // Literals rather than parameters, for the partial indexes to be found.
  if (query.environment !== null) conditions.push(`k.environment = ${pg.escapeLiteral(query.environment)}`);
  if (query.scope !== '') conditions.push(`k.scopes @> array[${pg.escapeLiteral(query.scope)}]`);
  if (query.nameContains !== '') conditions.push(...nameConditions(query.nameContains, parameter));
  if (query.unusedSince !== null) {
    conditions.push(`(k.last_used_at is null or k.last_used_at < ${parameter(query.unusedSince)})`);
  }
  if (query.expiresBefore !== null) {
    conditions.push(`k.revoked_at is null and k.expires_at < ${parameter(query.expiresBefore)}`);
  }
  return conditions.length > 0 ? conditions.join(' and ') : 'true';
}

function standingCondition(standing: KeyStanding, now: () => string): string {
  if (standing === 'revoked') return 'not k.is_active and k.revoked_at is not null';
  if (standing === 'expired') return `k.revoked_at is null and k.expires_at <= ${now()}`;
  return `k.is_active and (k.expires_at is null or k.expires_at > ${now()})`;
}

/** What the index on names can look up: three letters or digits in a row. */
const INDEXED = /[\p{L}\p{N}]{3}/u;
/** In most names, and within a word no index finds it. */
const SHORT = /^[\p{L}\p{N}]{1,2}$/u;
/** What words begin after. Named one by one, as the index can't look up a class such as `[^[:alnum:]]`. */
const SEPARATOR = String.raw`[] !"#$%&'()*+,./:;<=>?@[\\^_\x60{|}~-]`;
/** A word with a digit. */
const NUMBERED_WORD = /[\p{L}\p{N}]{0,50}\p{N}[\p{L}\p{N}]{0,50}/u;

export function isNameIndexed(part: string): boolean {
  return INDEXED.test(part);
}

/**
 * One or two letters count where a word begins: the index knows words by how they begin, and else by each three
 * letters in a row. It takes long for a text whose letters are in many names all but a few: `nightly training 4711`.
 * Mostly the word with a digit is the rare one: then only that is looked up, and the text sought among what it finds.
 */
function nameConditions(part: string, parameter: Parameter): string[] {
  if (SHORT.test(part)) return [`k.name ~* ${parameter(`(^|${SEPARATOR})${part}`)}`];
  const word = NUMBERED_WORD.exec(part)?.[0] ?? '';
  const whole = parameter(likePattern(part));
  if (!isNameIndexed(word) || word === part) return [`k.name ilike ${whole}`];
  // With nothing appended to it, the name is not what the index knows.
  return [`k.name ilike ${parameter(likePattern(word))}`, `k.name || '' ilike ${whole}`];
}

function likePattern(part: string): string {
  return `%${part.replace(/[\\%_]/g, '\\$&')}%`;
}
