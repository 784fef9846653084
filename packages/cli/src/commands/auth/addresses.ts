/** Where the API has its keys. */
export const KEYS = '/api/v1/auth/keys';
export const WHOAMI = '/api/v1/auth/whoami';

export function keyPath(id: string): string {
  return `${KEYS}/${encodeURIComponent(id)}`;
}
