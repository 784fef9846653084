/** Words that the API knows, for help and completion. */
export const ENVIRONMENTS = ['live', 'test'] as const;
export const KEY_STATES = ['active', 'expired', 'revoked'] as const;
export const USER_STATES = ['active', 'disabled'] as const;
export const ROLES = ['member', 'admin'] as const;
export const GRANULARITIES = ['minute', 'hour', 'day'] as const;
export const RANKED = ['key', 'endpoint', 'address'] as const;
export const OUTCOMES = ['success', 'refused', 'failed'] as const;
export const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** Offered by completion only: a newer gateway may have more. */
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
