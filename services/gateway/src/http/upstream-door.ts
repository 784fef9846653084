/** The door to the upstreams: from a request to what is forwarded. */
import { HokusaiError } from '@hokusai/contracts/errors';
import { answerHeaders } from '../domain/answer-headers.ts';
import { type Credential, findCredential } from '../domain/credentials.ts';
import type { AuthenticatedKey, Awaitable, RateLimiter } from '../domain/ports.ts';
import {
  type CanonicalPath,
  isPlainlyUnknown,
  isRefusedBody,
  type RouteDecision,
  type RoutePolicy,
  type RouteRefusal,
} from '../domain/routes/index.ts';
import { holdsKey, upstreamHeaders } from '../domain/upstream-headers.ts';
import { charge, rateLimitHeaders, showLimits } from './charge.ts';
import type { Exchange } from './exchange.ts';
import type { Fail } from './fail.ts';
import { type ForwardedRequest, forward } from './forward.ts';
import { checkOrigin } from './gate.ts';
import { type Judgement, type Judging, observationHeaders } from './observation.ts';
import { passUpgrade } from './upgrade.ts';
import type { UpstreamTarget } from './upstream-target.ts';

/** One row of the table of upstreams. */
export interface Upstream {
  /** For people. */
  name: string;
  /** For statistics. */
  id: string;
  /** Where clients see it, as `/mlflow`. */
  prefix: string;
  /** False: its routes need none, but for those that are refused. */
  needsKey: boolean;
  /** The method whose scope a WebSocket needs; null: it takes none. */
  upgradesJudgedAs: 'GET' | 'POST' | null;
  policy: RoutePolicy;
  /** While observing, what its table does not know is passed on, as far as that is safe: it was open before. */
  passesUnknown: boolean;
  /** Endpoints whose answer is a file that some user has uploaded. */
  isArtifact: (endpoint: string) => boolean;
  /** Costs its key nothing. `segments`: below the prefix. */
  isFree: (method: string | undefined, segments: readonly string[]) => boolean;
  /** By the key's environment: one at least. */
  targets: { live: UpstreamTarget | undefined; test: UpstreamTarget | undefined };
}

/** A request that lies below an upstream's prefix. */
export interface UpstreamRequest {
  upstream: Upstream;
  /** Canonical, with the prefix. */
  wholePath: string;
  /** Canonical, below the prefix. */
  path: CanonicalPath;
  /** Undecoded, with its `?`; empty if there is none. */
  query: string;
}

export interface UpstreamDoorOptions extends Judgement {
  /** Answers an upgrade that fails. */
  fail: Fail;
  limiter: RateLimiter;
  takesKeyInQuery: boolean;
  /** Paths that need no key. */
  isExcluded: (wholePath: string) => boolean;
  /** Origins, as in the header, whose pages may make a browser change things here. */
  publicOrigins: ReadonlySet<string>;
}

/** Serves a request, or throws HokusaiError if nothing has been answered yet. */
export type UpstreamDoor = (exchange: Exchange, request: UpstreamRequest) => Promise<void>;

export function createUpstreamDoor(options: UpstreamDoorOptions): UpstreamDoor {
  return async (exchange, request) => {
    const { upstream, path } = request;
    exchange.route = { upstream: upstream.id, endpoint: upstream.policy.endpointOf(path) };
    const { upgradeHead, incoming } = exchange;
    const method = methodOf(exchange, upstream);
    const route = upstream.policy.scopeFor(method, path);
    const credential = credentialOf(exchange, request, route, options);
    const isPassedOn =
      options.observes && upstream.passesUnknown && isPlainlyUnknown(upstream.policy, method, path);
    // First, and so what is counted: a key would not help here.
    if (isPassedOn) void options.judging(exchange, () => refuseRoute(route));
    const admission = admit(exchange, request, route, credential, options);
    if (admission instanceof Promise) await admission;
    // Only now: what exists here is for those who hold a key.
    if (!isPassedOn) refuseRoute(route);
    if (exchange.hasLeft) return;
    const target = targetOf(upstream, exchange, options.judging);
    exchange.occupy(target.admission);
    // Whoever would have been refused already would not have been charged.
    const isFree = upstream.isFree(incoming.method, path.segments) || exchange.wouldRefuse !== undefined;
    if (isFree) showLimits(exchange, options.limiter);
    else await options.judging(exchange, () => charge(exchange, options.limiter));
    const forwarded = forwardedRequest(exchange, request, credential, target);
    if (upgradeHead) passUpgrade(exchange, target, forwarded, options.fail);
    else await forward(exchange, target, forwarded);
  };
}

/** As which it is judged. */
function methodOf({ upgradeHead, incoming }: Exchange, { upgradesJudgedAs }: Upstream): string {
  return (upgradeHead && upgradesJudgedAs) ?? incoming.method ?? '';
}

function refuseRoute(route: RouteDecision): void {
  if (route.kind === 'refused') throw routeRefusal(route);
}

/** Throws HokusaiError where a request can't be passed on, whoever sends it. */
function credentialOf(
  exchange: Exchange,
  { wholePath, query }: UpstreamRequest,
  route: RouteDecision,
  { takesKeyInQuery }: UpstreamDoorOptions,
): Credential {
  const { rawHeaders, headers, method = '' } = exchange.incoming;
  if (route.kind === 'refused' && route.reason === 'ambiguous') throw routeRefusal(route);
  if (isRefusedBody(method, headers)) throw bodyWithoutMeaning(method);
  const places = { basic: true, query: takesKeyInQuery };
  const credential = findCredential({ rawHeaders, rawQuery: query.slice(1) }, places);
  exchange.hasKeyInQuery = credential.inQuery;
  exchange.takesBasic = places.basic;
  if (holdsKey(wholePath) || holdsKey(credential.query)) throw keyInUrl();
  return credential;
}

/** Throws HokusaiError, or rejects with it, for whom the route is not meant. */
function admit(
  exchange: Exchange,
  { upstream, wholePath }: UpstreamRequest,
  route: RouteDecision,
  credential: Credential,
  { gate, judging, checkOriginOf, isExcluded, publicOrigins }: UpstreamDoorOptions,
): Awaitable<void> {
  if (route.kind === 'public') {
    if (exchange.upgradeHead) checkOrigin(exchange, null, publicOrigins);
    return undefined;
  }
  const scope = route.kind === 'scope' ? route.scope : null;
  exchange.neededScope = scope;
  if (upstream.needsKey && !isExcluded(wholePath)) {
    const found = judging(exchange, () => gate(exchange, credential, scope));
    // What is let in all the same has not been asked where it comes from.
    const check = () => {
      if (exchange.wouldRefuse !== undefined) checkOriginOf(exchange, credential, scope);
    };
    return found instanceof Promise ? found.then(check) : check();
  }
  // A closed network is no fence for the browsers in it, and the upstream never sees their Origin.
  checkOrigin(exchange, scope, publicOrigins);
  return undefined;
}

/** Throws `permission_denied` where keys of the caller's environment have nothing to look for. */
function targetOf({ name, targets }: Upstream, exchange: Exchange, judging: Judging): UpstreamTarget {
  const { caller } = exchange;
  const target = caller ? targets[caller.state.environment] : undefined;
  if (target) return target;
  // It throws at once, or is taken note of at once.
  if (caller) void judging(exchange, () => refuseEnvironment(name, caller));
  // One at least is there.
  return (targets.live ?? targets.test) as UpstreamTarget;
}

function refuseEnvironment(upstreamName: string, { state, proof }: AuthenticatedKey): never {
  throw new HokusaiError(
    'permission_denied',
    `${upstreamName} is not for ${state.environment} keys, as ${proof.keyPrefix} is one. Use a key of the other environment.`,
    { reason: 'environment_not_served' },
  );
}

function forwardedRequest(
  exchange: Exchange,
  { upstream, path, query }: UpstreamRequest,
  credential: Credential,
  target: UpstreamTarget,
): ForwardedRequest {
  const { incoming, client, requestId } = exchange;
  const publicPrefix = client.outerPrefix + upstream.prefix;
  const passesTrailers =
    incoming.httpVersion === '1.1' && /(?:^|,)\s*trailers\b/i.test(String(incoming.headers.te ?? ''));
  return {
    upstreamName: upstream.name,
    path: path.path + remainingQuery(query, credential),
    headers: requestHeaders(exchange, publicPrefix, target),
    hasBody: hasBody(incoming.headers),
    passesTrailers,
    answerHeaders: (rawHeaders) =>
      answerHeaders(rawHeaders, {
        requestId,
        upstream: target,
        publicPrefix,
        isArtifact: upstream.isArtifact(exchange.route?.endpoint ?? ''),
        endsTls: 'encrypted' in incoming.socket,
        hasKeyInQuery: exchange.hasKeyInQuery,
        rateLimit: rateLimitHeaders(exchange),
        observation: observationHeaders(exchange),
      }),
  };
}

function requestHeaders(exchange: Exchange, publicPrefix: string, target: UpstreamTarget): string[] {
  const { caller, client, incoming, requestId, trace } = exchange;
  const says = {
    host: target.host,
    requestId,
    traceparent: trace.traceparent,
    keepsTraceState: trace.continued,
    forwarded: {
      for: client.forwardedFor,
      proto: client.scheme,
      host: client.host,
      prefix: publicPrefix,
    },
    identity: isTheKeys(exchange)
      ? caller && { userId: caller.state.owner.userId, keyId: caller.state.keyId }
      : undefined,
    authorization: target.authorization,
  };
  return upstreamHeaders(incoming.rawHeaders, says, client.isTrusted);
}

/** What a working key is still short of: the request is its owner's all the same. */
const OF_WORKING_KEYS: ReadonlySet<string | undefined> = new Set([
  undefined,
  'scope_missing',
  'environment_not_served',
  'rate_limited',
  'limits_unavailable',
]);

/** Whether the upstream may be told whose request it is: that of a revoked key, served nevertheless, is nobody's. */
function isTheKeys({ wouldRefuse }: Exchange): boolean {
  return OF_WORKING_KEYS.has(wouldRefuse);
}

/** Byte for byte as it came, but for the key. */
function remainingQuery(query: string, credential: Credential): string {
  if (credential.query === query.slice(1)) return query;
  return credential.query === '' ? '' : `?${credential.query}`;
}

function hasBody(headers: NodeJS.Dict<string | string[]>): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

const REFUSED_ROUTES = {
  ambiguous: { code: 'invalid_request', reason: 'ambiguous_path' },
  'unknown-method': { code: 'invalid_request', reason: 'method_not_allowed' },
  'unknown-route': { code: 'not_found', reason: 'unknown_route' },
  'switched-off': { code: 'permission_denied', reason: 'route_switched_off' },
} as const satisfies Record<RouteRefusal['reason'], { code: string; reason: string }>;

function routeRefusal({ reason, message }: RouteRefusal): HokusaiError {
  const { code, reason: stable } = REFUSED_ROUTES[reason];
  return new HokusaiError(code, `${message.charAt(0).toUpperCase()}${message.slice(1)}.`, { reason: stable });
}

/** The upstream would log it. */
function keyInUrl(): HokusaiError {
  return new HokusaiError(
    'invalid_request',
    'The address of the request holds an API key where none is read, and it is not passed on. Send the key as "Authorization: Bearer <key>"; if the address was stored or shared, have the key rotated.',
    { reason: 'misplaced_key' },
  );
}

function bodyWithoutMeaning(method: string): HokusaiError {
  return new HokusaiError('invalid_request', `A ${method} request must not have a body here.`, {
    reason: 'unexpected_body',
  });
}
