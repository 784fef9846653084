import { type ErrorCode, HokusaiError } from '@hokusai/contracts/errors';

interface RefusalKind {
  /** `unauthenticated` becomes 401, `permission_denied` 403, `invalid_request` 400. */
  code: ErrorCode;
  /** Short, and the same at every occurrence. */
  title: string;
}

/**
 * Why a request is refused for its credentials: stable reasons and what each of them is.
 *
 * A reason stands in the error body, the audit log and the usage events; documents and dashboards depend
 * on it: add, never rename. Those about the state of a key are only given once its secret is proved.
 */
export const REFUSALS = {
  /** There is no credential at all. */
  key_missing: { code: 'unauthenticated', title: 'API key missing' },
  /** There is a credential, but no key in it. */
  key_malformed: { code: 'unauthenticated', title: 'API key malformed' },
  /** Different keys in one request: whose request it is can't be known. */
  several_keys: { code: 'invalid_request', title: 'Several API keys' },
  /** Well-formed, but not the secret of any key. */
  unknown_key: { code: 'unauthenticated', title: 'API key unknown' },
  key_revoked: { code: 'permission_denied', title: 'API key revoked' },
  key_expired: { code: 'permission_denied', title: 'API key expired' },
  /** A genuine secret that a rotation replaced, after its grace. */
  secret_rotated: { code: 'permission_denied', title: 'API key rotated' },
  owner_disabled: { code: 'permission_denied', title: 'Owner disabled' },
  address_not_allowed: { code: 'permission_denied', title: 'Address not allowed' },
  scope_missing: { code: 'permission_denied', title: 'Scope missing' },
} as const satisfies Record<string, RefusalKind>;

export type RefusalReason = keyof typeof REFUSALS;

export interface Refusal {
  reason: RefusalReason;
  /** For whoever sent the request: what happened, to which key, what to do. Never holds a secret. */
  message: string;
}

/** The refusal as an error whose `reason` is the refusal's. */
export function refusalError({ reason, message }: Refusal): HokusaiError {
  return new HokusaiError(REFUSALS[reason].code, message, { reason });
}

/** For a well-formed key that the keys service doesn't know. */
export function unknownKey(keyPrefix: string): Refusal {
  return {
    reason: 'unknown_key',
    message: `No API key begins with ${keyPrefix} and has this secret. Was it copied whole, and is this the right server?`,
  };
}
