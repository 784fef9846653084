/** W3C Trace Context, level 1: the caller's trace is continued with a span of our own. */

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Header value for whoever we call. */
  readonly traceparent: string;
  /** False if the inbound header was absent or invalid; then its `tracestate` means nothing either. */
  readonly continued: boolean;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;

/** `newId` gives 32 or more random hexadecimal digits, dashes allowed (a UUID). */
export function traceContext(inbound: string | undefined, newId: () => string): TraceContext {
  if (inbound === undefined) return freshContext(newId);
  const [, version = '', traceId = '', parentId = '', flags = '', rest] = TRACEPARENT.exec(inbound) ?? [];
  const invalid = version === '' || version === 'ff' || ZEROS.test(traceId) || ZEROS.test(parentId);
  // Version 00 has exactly four fields; later ones may append more, which we don't know and drop.
  if (invalid || (version === '00' && rest !== undefined)) return freshContext(newId);
  const sampled = Number.parseInt(flags, 16) & 1;
  return { traceId, traceparent: `00-${traceId}-${spanIdOf(newId())}-0${sampled}`, continued: true };
}

function freshContext(newId: () => string): TraceContext {
  const traceId = hexOf(newId());
  return { traceId, traceparent: `00-${traceId}-${spanIdOf(newId())}-00`, continued: false };
}

function spanIdOf(id: string): string {
  return hexOf(id).slice(0, 16);
}

function hexOf(id: string): string {
  return id.split('-').join('').slice(0, 32);
}
