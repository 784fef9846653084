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
  const [, version = '', traceId = '', parentId = '', flags = '', rest] =
    TRACEPARENT.exec(inbound ?? '') ?? [];
  const spanId = hexOf(newId()).slice(0, 16);
  const invalid = version === '' || version === 'ff' || ZEROS.test(traceId) || ZEROS.test(parentId);
  // Version 00 has exactly four fields; later ones may append more, which we don't know and drop.
  if (invalid || (version === '00' && rest !== undefined)) {
    const fresh = hexOf(newId());
    return { traceId: fresh, traceparent: `00-${fresh}-${spanId}-00`, continued: false };
  }
  const sampled = Number.parseInt(flags, 16) & 1;
  return { traceId, traceparent: `00-${traceId}-${spanId}-0${sampled}`, continued: true };
}

function hexOf(id: string): string {
  return id.replaceAll('-', '').slice(0, 32);
}
