/** One server that requests are forwarded to, and the connections to it. */
import { type Dispatcher, Pool } from 'undici';

export interface UpstreamTimeouts {
  connectMs: number;
  /** From the last byte of a request to the first of its answer. */
  responseMs: number;
  /** Of a body that does not move, in either direction. A moving one may take any time. */
  bodyIdleMs: number;
}

export interface UpstreamTarget {
  /** Authority, as the upstream knows itself: it is what `Host` says. */
  host: string;
  /** Path that stands before all of its own, without a final `/`; usually empty. */
  basePath: string;
  /** The gateway's own credential for it. */
  authorization: string | undefined;
  timeouts: UpstreamTimeouts;
  dispatcher: Dispatcher;
  close(): Promise<void>;
}

/** Below the 5 s after which uvicorn drops an idle connection, so that no request is sent into its closing. */
const IDLE_CONNECTION_MS = 4000;
const MAX_CONNECTIONS = 512;
const MAX_HEADER_BYTES = 64 * 1024;

/** `url`: http or https; may hold a user and a password for the upstream, and a path. */
export function openUpstream(url: string, timeouts: UpstreamTimeouts): UpstreamTarget {
  const { origin, host, pathname, username, password } = new URL(url);
  const dispatcher = new Pool(origin, {
    connections: MAX_CONNECTIONS,
    pipelining: 1,
    connect: { timeout: timeouts.connectMs },
    keepAliveTimeout: IDLE_CONNECTION_MS,
    // The upstream's own hint may shorten it, not lengthen it.
    keepAliveMaxTimeout: IDLE_CONNECTION_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // undici's would end a body that moves slowly; time-outs are the forwarder's.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
  return {
    host,
    basePath: pathname.replace(/\/+$/, ''),
    authorization: username === '' ? undefined : basicOf(username, password),
    timeouts,
    dispatcher,
    close: () => dispatcher.close(),
  };
}

function basicOf(username: string, password: string): string {
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}
