/** Which door a request takes. */
import type { IncomingMessage } from 'node:http';
import { HokusaiError } from '@hokusai/contracts/errors';
import { cutParameter } from '../domain/query-parameter.ts';
import { checkHead } from '../domain/request-head.ts';
import { below, canonicalPath, type PathProblem, splitTarget } from '../domain/routes/index.ts';
import { holdsKey } from '../domain/upstream-headers.ts';
import type { ApiDoor } from './api/app.ts';
import type { Exchange } from './exchange.ts';
import type { Upstream, UpstreamDoor } from './upstream-door.ts';

export interface RouterOptions {
  upstreams: readonly Upstream[];
  upstreamDoor: UpstreamDoor;
  /** Serves everything that does not lie below an upstream's prefix. */
  apiDoor: ApiDoor;
}

/** Serves a request, or throws HokusaiError if nothing has been answered yet. */
export type Router = (exchange: Exchange) => Promise<void>;

export function createRouter({ upstreams, upstreamDoor, apiDoor }: RouterOptions): Router {
  return async (exchange) => {
    const { incoming } = exchange;
    checkHead({
      method: incoming.method ?? '',
      httpVersion: incoming.httpVersion,
      rawHeaders: incoming.rawHeaders,
      transferEncoding: incoming.headers['transfer-encoding'],
    });
    const target = splitTarget(incoming.url ?? '');
    if (target.problem !== undefined) throw ambiguousPath(target);
    const whole = canonicalPath(target.path);
    if (whole.problem !== undefined) throw ambiguousPath(whole);
    for (const upstream of upstreams) {
      const path = below(upstream.prefix, whole);
      const { query } = target;
      if (path) return await upstreamDoor(exchange, { upstream, wholePath: whole.path, path, query });
      if (whole.path === upstream.prefix && isRead(incoming.method))
        return redirectInto(exchange, upstream.prefix, query);
    }
    apiDoor(exchange, whole.path + target.query);
  };
}

/**
 * Whether a request asks for a WebSocket at an upstream that takes them. Any other that asks for an upgrade
 * is served as if it had not.
 */
export function upgradeRule(upstreams: readonly Upstream[]): (incoming: IncomingMessage) => boolean {
  const taking = upstreams.filter(({ upgrades }) => upgrades);
  return ({ method, httpVersion, headers, url = '' }) => {
    if (taking.length === 0 || method !== 'GET' || httpVersion !== '1.1') return false;
    if (headers.upgrade?.toLowerCase() !== 'websocket') return false;
    const target = splitTarget(url);
    const whole = target.problem === undefined ? canonicalPath(target.path) : target;
    return whole.problem === undefined && taking.some(({ prefix }) => below(prefix, whole) !== undefined);
  };
}

/** The upstream's own links are relative: they need the final slash. The key must not stand in a Location. */
function redirectInto({ client, outgoing, requestId }: Exchange, prefix: string, query: string): void {
  const { rest } = cutParameter(query.slice(1), 'api_key', () => true);
  const location = `${client.outerPrefix}${prefix}/${rest === '' || holdsKey(rest) ? '' : `?${rest}`}`;
  outgoing.writeHead(308, ['Location', location, 'X-Request-ID', requestId, 'Content-Length', '0']);
  outgoing.end();
}

function isRead(method: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD';
}

function ambiguousPath({ message }: PathProblem): HokusaiError {
  return new HokusaiError('invalid_request', `The request can't be served: ${message}.`, {
    reason: 'ambiguous_path',
  });
}
