/** What a key may be allowed to do. `admin` implies all others; nothing else implies anything. */
export const SCOPES = [
  'mlflow:read',
  'mlflow:write',
  'mlflow:delete',
  'mlflow:invoke',
  'mlflow:admin',
  'keys:read',
  'keys:write',
  'usage:read',
  'audit:read',
  'admin',
] as const;

export type Scope = (typeof SCOPES)[number];

/** Scopes of a key that is created without naming any. */
export const DEFAULT_SCOPES: readonly Scope[] = ['mlflow:read', 'mlflow:write'];

const KNOWN: ReadonlySet<string> = new Set(SCOPES);

export function isScope(text: string): text is Scope {
  return KNOWN.has(text);
}

/** What speaks against a scope on a key of an environment, whoever owns it; undefined if nothing does. */
export function scopeProblem(scope: Scope, environment: 'live' | 'test'): string | undefined {
  return scope === 'admin' && environment === 'test' ? 'a test key never gets admin' : undefined;
}

/** True if a holder of `held` may do what needs `needed`. */
export function grants(held: readonly string[], needed: Scope): boolean {
  return held.includes(needed) || held.includes('admin');
}

/**
 * Scopes that a key's own scopes and its owner's role both allow, `admin` spelled out: all of them for an
 * admin's admin key, all but `admin` for the same key once its owner is a member.
 */
export function effectiveScopes(scopes: readonly string[], role: 'member' | 'admin'): Scope[] {
  return SCOPES.filter((scope) => grants(scopes, scope) && (scope !== 'admin' || role === 'admin'));
}
