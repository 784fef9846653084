/** What `fetch` throws, told apart. */
import type { Sourced } from '../config/access.ts';
import { Failure, systemCode } from '../failure.ts';

/** The connection was there and is gone: the request may have arrived. */
const DROPPED = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET', 'ECONNABORTED', 'UND_ERR_BODY_TIMEOUT']);
const UNTRUSTED = /CERT|SIGNATURE|ALTNAME|^ERR_SSL|^ERR_TLS|^EPROTO$/;

export function isDropped(error: unknown): boolean {
  const code = codeOf(error);
  return code !== undefined && DROPPED.has(code);
}

export function unreachable(error: unknown, url: Sourced): Failure {
  const code = codeOf(error) ?? 'no connection';
  if (UNTRUSTED.test(code)) {
    return new Failure('unavailable', `The certificate of ${url.value} is not trusted (${code}).`, {
      advice: ['If your organisation has its own authority, name its file in NODE_EXTRA_CA_CERTS.'],
      cause: error,
    });
  }
  const what = isDropped(error) ? 'broke the connection off' : 'can not be reached';
  return new Failure('unavailable', `The gateway at ${url.value} ${what} (${code}).`, {
    advice: unreachableAdvice(url),
    cause: error,
  });
}

export function unreachableAdvice(url: Sourced): string[] {
  return [
    `The address comes from ${url.source}; --url, HOKUSAI_API_URL or a profile can name another.`,
    'Does the gateway run? In a checkout, npm start starts it.',
  ];
}

export function timedOut(url: Sourced, timeoutMs: number): Failure {
  return new Failure(
    'unavailable',
    `The gateway at ${url.value} did not answer within ${timeoutMs / 1000} s.`,
    {
      advice: ['What was asked for may still be done: look before asking again.'],
    },
  );
}

/** fetch wraps the system's error, and that of several addresses wraps one for each. */
function codeOf(error: unknown): string | undefined {
  const own = systemCode(error);
  if (own !== undefined || !(error instanceof Error)) return own;
  const inner = error instanceof AggregateError ? error.errors[0] : error.cause;
  return codeOf(inner);
}
