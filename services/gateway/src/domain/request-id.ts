const ACCEPTABLE = /^[A-Za-z0-9._-]{1,128}$/;

/** The inbound X-Request-ID if it is 1 to 128 of `A-Za-z0-9._-`, which is safe in any log; else a new one. */
export function requestIdOf(inbound: string | undefined, newId: () => string): string {
  return inbound !== undefined && ACCEPTABLE.test(inbound) ? inbound : newId();
}
