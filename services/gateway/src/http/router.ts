/** Which door a request takes. */
import { HokusaiError, toHokusaiError } from '@hokusai/contracts/errors';
import { cutParameter } from '../domain/query-parameter.ts';
import { rememberingTexts } from '../domain/remembering-texts.ts';
import { checkHead } from '../domain/request-head.ts';
import {
  below,
  type CanonicalPath,
  canonicalPath,
  type PathProblem,
  splitTarget,
} from '../domain/routes/index.ts';
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
  const locate = rememberingTexts((path) => locateIn(upstreams, path));
  const route = (exchange: Exchange): Promise<void> | undefined => {
    const { incoming } = exchange;
    checkHead({
      method: incoming.method ?? '',
      httpVersion: incoming.httpVersion,
      rawHeaders: incoming.rawHeaders,
      transferEncoding: incoming.headers['transfer-encoding'],
    });
    const target = splitTarget(incoming.url ?? '');
    if (target.problem !== undefined) throw ambiguousPath(target);
    const { query } = target;
    const { whole, upstream, path } = locate(target.path);
    if (whole.problem !== undefined) throw ambiguousPath(whole);
    if (upstream && path) return upstreamDoor(exchange, { upstream, wholePath: whole.path, path, query });
    if (upstream && isRead(incoming.method)) redirectInto(exchange, upstream.prefix, query);
    else apiDoor(exchange, whole.path + query);
    return undefined;
  };
  return (exchange) => {
    try {
      return route(exchange) ?? Promise.resolve();
    } catch (thrown) {
      return Promise.reject(toHokusaiError(thrown));
    }
  };
}

interface Location {
  whole: CanonicalPath | PathProblem;
  /** The one that it lies below, or whose prefix it is. */
  upstream?: Upstream;
  /** Below the upstream's prefix. */
  path?: CanonicalPath;
}

function locateIn(upstreams: readonly Upstream[], rawPath: string): Location {
  const whole = canonicalPath(rawPath);
  if (whole.problem !== undefined) return { whole };
  for (const upstream of upstreams) {
    const path = below(upstream.prefix, whole);
    if (path) return { whole, upstream, path };
    if (whole.path === upstream.prefix) return { whole, upstream };
  }
  return { whole };
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
