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
