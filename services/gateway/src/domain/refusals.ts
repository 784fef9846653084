/**
 * Why a request is refused before it is forwarded: the stable reasons, and what each means in HTTP.
 *
 * A reason goes into the error body, the audit log and the usage events; documents and dashboards depend
 * on it: add, never rename.
 */
export const REFUSALS = {
  /** No credential at all. */
  missing_key: { status: 401, title: 'API key missing', bearerError: null },
  /** There is a credential, but no key in it. */
  malformed_key: { status: 401, title: 'Malformed API key', bearerError: 'invalid_token' },
  several_keys: { status: 400, title: 'Several API keys', bearerError: 'invalid_request' },
  /** A well-formed key that nobody has. */
  unknown_key: { status: 401, title: 'Unknown API key', bearerError: 'invalid_token' },
  key_revoked: { status: 403, title: 'API key revoked', bearerError: 'invalid_token' },
  key_expired: { status: 403, title: 'API key expired', bearerError: 'invalid_token' },
  /** A genuine secret that a rotation replaced and whose grace is over. */
  secret_rotated: { status: 403, title: 'API key rotated', bearerError: 'invalid_token' },
  owner_disabled: { status: 403, title: 'Owner disabled', bearerError: 'invalid_token' },
  address_not_allowed: { status: 403, title: 'Address not allowed', bearerError: null },
  scope_missing: { status: 403, title: 'Scope missing', bearerError: 'insufficient_scope' },
} as const satisfies Record<string, RefusalKind>;

interface RefusalKind {
  status: 400 | 401 | 403;
  /** Short and the same for every occurrence. */
  title: string;
  /** Value of `error` in a Bearer challenge (RFC 6750, section 3.1), or null for none. */
  bearerError: 'invalid_request' | 'invalid_token' | 'insufficient_scope' | null;
}

export type RefusalReason = keyof typeof REFUSALS;

export interface Refusal {
  reason: RefusalReason;
  /** For whoever sent the request: what happened, to which key, what to do. Never holds a secret. */
  message: string;
}
