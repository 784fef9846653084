/** W3C Trace Context, level 1: the caller's trace is continued with a span of our own. */
import type { RandomHex } from './random-hex.ts';

export interface TraceContext {
  /** 32 hexadecimal digits. */
  readonly traceId: string;
  /** Header value for whoever we call. */
  readonly traceparent: string;
  /** False if the inbound header was absent or invalid; then its `tracestate` means nothing either. */
  readonly continued: boolean;
  /** Its span of ours is sent to a collector: whoever works for it later may name it. */
  readonly isKept?: boolean;
}

/** Undefined unless there will be a span of that name. */
export function keptTraceparent({ isKept, traceparent }: TraceContext): string | undefined {
  return isKept ? traceparent : undefined;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;
const TRACE_DIGITS = 32;
const SPAN_DIGITS = 16;

export function traceContext(inbound: string | undefined, randomHex: RandomHex): TraceContext {
  if (inbound === undefined) return freshContext(randomHex);
  const [, version = '', traceId = '', parentId = '', flags = '', rest] = TRACEPARENT.exec(inbound) ?? [];
  const invalid = version === '' || version === 'ff' || ZEROS.test(traceId) || ZEROS.test(parentId);
  // Version 00 has exactly four fields; later ones may append more, which we don't know and drop.
  if (invalid || (version === '00' && rest !== undefined)) return freshContext(randomHex);
  const sampled = Number.parseInt(flags, 16) & 1;
  return { traceId, traceparent: `00-${traceId}-${randomHex(SPAN_DIGITS)}-0${sampled}`, continued: true };
}

function freshContext(randomHex: RandomHex): TraceContext {
  const traceId = randomHex(TRACE_DIGITS);
  return { traceId, traceparent: `00-${traceId}-${randomHex(SPAN_DIGITS)}-00`, continued: false };
}
