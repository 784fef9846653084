/** What a client is told about how to authenticate: the header WWW-Authenticate. */
import type { HokusaiError } from '@hokusai/contracts/errors';

const REALM = 'realm="Hokusai"';
/** Outside of what RFC 6750 allows in error_description. */
const NOT_QUOTABLE = /[^\x20-\x21\x23-\x5b\x5d-\x7e]/g;

export interface ChallengeContext {
  /** A browser: it can ask its user for a password, and sends it only where it is challenged to. */
  isBrowser: boolean;
  /** False where keys are not taken as passwords. */
  takesBasic: boolean;
  /** The scope that the route needs. */
  scope: string | undefined;
}

/** Value of WWW-Authenticate for a refusal (RFC 6750, section 3; RFC 7617), or undefined if it has none. */
export function challengeOf(error: HokusaiError, context: ChallengeContext): string | undefined {
  if (error.reason === 'scope_missing')
    return `Bearer ${REALM}, error="insufficient_scope", scope="${context.scope ?? ''}"`;
  if (error.code !== 'unauthenticated') return undefined;
  if (context.isBrowser && context.takesBasic) return `Basic ${REALM}, charset="UTF-8"`;
  // Without credentials the challenge names no error: there was no attempt that could have failed.
  if (error.reason === 'key_missing') return `Bearer ${REALM}`;
  const description = error.message.replace(NOT_QUOTABLE, "'");
  return `Bearer ${REALM}, error="invalid_token", error_description="${description}"`;
}
