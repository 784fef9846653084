/** Where the API has its keys. */
export const KEYS = '/api/v1/auth/keys';
export const WHOAMI = '/api/v1/auth/whoami';
/** The same answer, noted in the audit log. */
export const SIGN_IN = '/api/v1/auth/sign-in';

export function keyPath(id: string): string {
  return `${KEYS}/${encodeURIComponent(id)}`;
}
