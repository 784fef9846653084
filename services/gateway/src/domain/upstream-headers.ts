/** The header section of a request to an upstream, built from the client's and from what the gateway knows. */
import { KEY_LENGTH } from '@hokusai/key-format';
import { connectionListed, HOP_BY_HOP } from './header-names.ts';

/** What the gateway says itself. Names are as they go out. */
export interface GatewaySays {
  /** Authority that the upstream accepts in `Host`. */
  host: string;
  requestId: string;
  traceparent: string;
  /** False drops an inbound `tracestate`, which belongs to a trace that is not continued. */
  keepsTraceState: boolean;
  forwarded: { for: string; proto: 'http' | 'https'; host: string | undefined; prefix: string };
  /** Absent on routes that need no key. */
  identity?: { userId: string; keyId: string } | undefined;
  /** The gateway's own credential for the upstream: the whole header value. */
  authorization?: string | undefined;
}

/**
 * Never passed on, whatever they hold: credentials for the gateway, identities and addresses that only
 * the gateway may state, and names by which some servers let another method or path replace the one that
 * was authorised.
 */
export const DROPPED: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'authorization',
  'proxy-authorization',
  'x-api-key',
  'x-real-ip',
  'x-http-method',
  'x-http-method-override',
  'x-method-override',
  'x-original-url',
  'x-original-uri',
  'x-original-method',
  'x-rewrite-url',
  // gunicorn believes these from its own machine, and cuts SCRIPT_NAME off the path before it is routed.
  'script-name',
  'path-info',
  'x-script-name',
  // Answered by the gateway.
  'expect',
  // Judged by the gateway; the upstream would compare it with the wrong host.
  'origin',
  // Set by the gateway.
  'host',
  'x-request-id',
  'traceparent',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'x-forwarded-prefix',
]);

const KEY_INSIDE = /hk_(?:live|test)_[0-9A-Za-z]{50}/i;

/**
 * True for a text on its way to an upstream that a client has put a whole key into, be it that some or all
 * of its characters are percent-encoded, once or more, as in a Referer.
 */
export function holdsKey(text: string): boolean {
  if (text.length < KEY_LENGTH) return false;
  return KEY_INSIDE.test(text) || (text.includes('%') && KEY_INSIDE.test(withoutEscapes(text)));
}

function withoutEscapes(text: string): string {
  return text.replace(/%(?:25)*([0-9a-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
}

/**
 * Flat list of names and values. What is kept is kept byte for byte.
 *
 * `trustsForwarded`: the request comes from a trusted proxy, whose other `Forwarded` and `X-Forwarded-*`
 * are kept.
 */
export function upstreamHeaders(
  rawHeaders: readonly string[],
  says: GatewaySays,
  trustsForwarded: boolean,
): string[] {
  const headers = headersOf(says);
  const listed = connectionListed(rawHeaders);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    const lower = name.toLowerCase();
    if (listed.has(lower) || !passes(lower, trustsForwarded)) continue;
    if (lower === 'tracestate' && !says.keepsTraceState) continue;
    // Wherever else a client puts its key, a Referer for one: the upstream must not see it.
    if (holdsKey(value) || holdsKey(name)) continue;
    headers.push(name, value);
  }
  return headers;
}

function headersOf(says: GatewaySays): string[] {
  const { forwarded, identity } = says;
  const headers = ['Host', says.host, 'X-Request-ID', says.requestId, 'traceparent', says.traceparent];
  headers.push('X-Forwarded-For', forwarded.for, 'X-Forwarded-Proto', forwarded.proto);
  if (forwarded.host !== undefined && !holdsKey(forwarded.host))
    headers.push('X-Forwarded-Host', forwarded.host);
  headers.push('X-Forwarded-Prefix', forwarded.prefix);
  if (identity) headers.push('X-Hokusai-User', identity.userId, 'X-Hokusai-Key-Id', identity.keyId);
  if (says.authorization !== undefined) headers.push('Authorization', says.authorization);
  return headers;
}

function passes(lower: string, trustsForwarded: boolean): boolean {
  if (lower.includes('_')) return passesWithUnderscore(lower);
  if (DROPPED.has(lower) || lower.startsWith('x-hokusai-')) return false;
  return trustsForwarded || !isForwarded(lower);
}

/** WSGI servers fold `_` and `-`, so such a name must not stand for one that means something here. */
function passesWithUnderscore(lower: string): boolean {
  const folded = lower.replaceAll('_', '-');
  return !(
    DROPPED.has(folded) ||
    folded.startsWith('x-hokusai-') ||
    isForwarded(folded) ||
    folded === 'content-length' ||
    folded === 'content-type'
  );
}

function isForwarded(name: string): boolean {
  return name === 'forwarded' || name.startsWith('x-forwarded-');
}
