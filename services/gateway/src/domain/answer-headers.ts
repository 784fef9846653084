/** The header section of an upstream's answer on its way to the client. */
import { connectionListed, HOP_BY_HOP } from './header-names.ts';
import { rememberingTexts } from './remembering-texts.ts';

export interface AnswerContext {
  requestId: string;
  /** Authority and path prefix of the upstream: where its own absolute locations lie. */
  upstream: { host: string; basePath: string };
  /** The path under which the client sees the upstream, e.g. `/mlflow`. */
  publicPrefix: string;
  /** The answer is a file that some user has uploaded. */
  isArtifact: boolean;
  /** The client's TLS ends here: how long it is to be kept to, only the gateway says, which would not be heard beside others. */
  endsTls: boolean;
  /** The key stood in the URL: neither caches nor other sites may come to see it. */
  hasKeyInQuery: boolean;
  /** How the key stands to its limits, as names and values: instead of what the upstream says of limits of its own. */
  rateLimit: readonly string[];
  /** What would have been refused, where refusals are observed only: names and values. */
  observation: readonly string[];
}

/** Keeps a browser from running an uploaded file as a page of this origin. */
const SANDBOX = ['Content-Security-Policy', 'sandbox', 'X-Content-Type-Options', 'nosniff'] as const;
const UNCACHED = ['Cache-Control', 'no-store', 'Referrer-Policy', 'no-referrer'] as const;

/** Flat list of names and values. What is kept is kept byte for byte. */
export function answerHeaders(rawHeaders: readonly string[], context: AnswerContext): string[] {
  const headers: string[] = [
    ...['X-Request-ID', context.requestId],
    ...context.rateLimit,
    ...context.observation,
  ];
  if (context.isArtifact) headers.push(...SANDBOX);
  if (context.hasKeyInQuery) headers.push(...UNCACHED);
  const listed = connectionListed(rawHeaders);
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    const value = rawHeaders[index + 1] as string;
    const kind = kindOf(name);
    if (!passes(kind, context) || (listed.size > 0 && listed.has(name.toLowerCase()))) continue;
    headers.push(name, kind === 'location' ? rewriteLocation(value, context) : value);
  }
  return headers;
}

type FieldKind = 'plain' | 'hop-by-hop' | 'ours' | 'transport' | 'limit' | 'page' | 'cache' | 'location';

/** An upstream's answers have the same few names all the time. */
const kindOf = rememberingTexts((name): FieldKind => {
  const lower = name.toLowerCase();
  if (HOP_BY_HOP.has(lower)) return 'hop-by-hop';
  if (lower === 'x-request-id' || lower === 'x-hokusai-would-refuse') return 'ours';
  if (lower === 'strict-transport-security') return 'transport';
  if (/^(?:x-)?ratelimit(?:$|-)/.test(lower)) return 'limit';
  if (lower === 'content-security-policy' || lower === 'x-content-type-options') return 'page';
  if (lower === 'cache-control' || lower === 'referrer-policy') return 'cache';
  return lower === 'location' ? 'location' : 'plain';
});

function passes(kind: FieldKind, context: AnswerContext): boolean {
  switch (kind) {
    case 'hop-by-hop':
    case 'ours':
      return false;
    case 'transport':
      return !context.endsTls;
    case 'limit':
      return context.rateLimit.length === 0;
    case 'page':
      return !context.isArtifact;
    case 'cache':
      return !context.hasKeyInQuery;
    default:
      return true;
  }
}

/** Points a redirect within the upstream to where the client sees the upstream; others stay as they are. */
export function rewriteLocation(
  location: string,
  { upstream, publicPrefix }: Pick<AnswerContext, 'upstream' | 'publicPrefix'>,
): string {
  const [, host, rest = ''] = /^(?:https?:)?\/\/([^/?#]*)(.*)$/i.exec(location) ?? [];
  if (host !== undefined && host.toLowerCase() !== upstream.host.toLowerCase()) return location;
  const path = host === undefined ? location : rest || '/';
  if (!path.startsWith('/')) return host === undefined ? location : `${publicPrefix}/${path}`;
  const isBelowBase = path === upstream.basePath || path.startsWith(`${upstream.basePath}/`);
  return publicPrefix + (isBelowBase ? path.slice(upstream.basePath.length) : path);
}

/** Not allowed in a trailer section (RFC 9110, section 6.5.1): what frames, routes or authenticates. */
const NO_TRAILER: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  'content-length',
  'content-encoding',
  'content-type',
  'content-range',
  'host',
  'authorization',
  'set-cookie',
  'www-authenticate',
  'location',
  'cache-control',
]);

/** Pairs of an answer's trailers that may be passed on. */
export function answerTrailers(rawTrailers: readonly string[]): [name: string, value: string][] {
  const trailers: [string, string][] = [];
  for (let index = 0; index < rawTrailers.length; index += 2) {
    const name = rawTrailers[index] as string;
    // Nor what is ours to say, or not to be said.
    if (NO_TRAILER.has(name.toLowerCase()) || kindOf(name) !== 'plain') continue;
    trailers.push([name, rawTrailers[index + 1] as string]);
  }
  return trailers;
}
