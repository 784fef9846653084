/** What can be told of a key by looking at it. Whether it is genuine, its last six characters too, only the gateway knows. */

const KEY = /^hk_(?:live|test)_[0-9A-Za-z]{50}$/;
const KEY_LENGTH = 58;

export type KeyShape =
  /** It may be a key. */
  | { kind: 'key' }
  /** It is not one of ours: another server's token, say. */
  | { kind: 'foreign' }
  /** It was to be a key, and can't be one; `problem` is a sentence that does not repeat it. */
  | { kind: 'malformed'; problem: string };

export function keyShape(secret: string): KeyShape {
  if (KEY.test(secret)) return { kind: 'key' };
  const problem = problemOf(secret);
  return problem === undefined ? { kind: 'foreign' } : { kind: 'malformed', problem };
}

function problemOf(secret: string): string | undefined {
  if (/^["'`]|["'`]$/.test(secret)) return 'it has quotation marks around it';
  if (/^bearer\s/i.test(secret)) return 'it begins with the word Bearer, which programs add by themselves';
  if (/\s/.test(secret)) return 'it has white space in it';
  if (!secret.startsWith('hk_')) return undefined;
  if (!/^hk_(?:live|test)_/.test(secret)) return 'it begins with hk_, but not with hk_live_ or hk_test_';
  if (secret.length !== KEY_LENGTH) return `it has ${secret.length} characters, and a key has ${KEY_LENGTH}`;
  return 'it has characters that no key has: after its beginning there are letters and digits only';
}

/** What of it may be shown: a key's public prefix. */
export function shownSecret(secret: string): string {
  return KEY.test(secret) ? secret.slice(0, 20) : 'not shown, since it is no Hokusai key';
}
