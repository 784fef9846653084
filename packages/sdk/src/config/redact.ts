/** Ours, also a part of one: what identifies it, its first 20 characters, may be shown. */
const API_KEY = /\bhk_(live|test)_[0-9A-Za-z]{1,12}(?<rest>[0-9A-Za-z]*)/g;
const USER_INFO = /(:\/\/)[^/\s@]*@/g;

/** Text without the secret parts of API keys, and without what stands before the `@` of a URL's host. */
export function redact(text: string): string {
  const withoutKeys = text.replace(API_KEY, (key: string, _environment: string, rest: string) =>
    rest === '' ? key : `${key.slice(0, key.length - rest.length)}…`,
  );
  return withoutKeys.replace(USER_INFO, '$1…@');
}

/** A shorter one is a part of other words, or a word of its own. */
const TELLING = { anywhere: 8, asWord: 4 };

/**
 * Text without a secret: wherever it is, if it is long enough to be nothing else; a shorter one as a word of its own, and
 * one of less than four characters only where secrets stand, after the scheme of an Authorization header. (What stands in
 * a URL before its `@` goes by `redact`.) So a password `a` does not take every letter a from a log.
 */
export function withoutSecret(text: string, secret: string): string {
  if (secret.length >= TELLING.anywhere) return text.replaceAll(secret, '…');
  const literal = secret.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
  const inHeader = text.replace(new RegExp(`\\b((?:Basic|Bearer)\\s+)${literal}(?![\\w=])`, 'gi'), '$1…');
  if (secret.length < TELLING.asWord) return inHeader;
  return inHeader.replace(new RegExp(`(?<![\\p{L}\\p{N}_])${literal}(?![\\p{L}\\p{N}_])`, 'gu'), '…');
}
