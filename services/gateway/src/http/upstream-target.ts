/** One server that requests are forwarded to, and the connections to it. */
import type { Logger } from '@hokusai/service-kit';
import { buildConnector, type Dispatcher, Pool } from 'undici';
import { Admission } from './admission.ts';
import { Reachability } from './reachability.ts';
import type { RunningRequests } from './running-requests.ts';
import { freeWhatIsWritten } from './spent-chunks.ts';

export interface UpstreamTimeouts {
  connectMs: number;
  /** From the last byte of a request to the first of its answer. */
  responseMs: number;
  /** Of a body that does not move, in either direction. A moving one may take any time. */
  bodyIdleMs: number;
}

export interface UpstreamTarget {
  /** As `http://host:port`. */
  origin: string;
  /** Authority, as the upstream knows itself: it is what `Host` says. */
  host: string;
  /** Path that stands before all of its own, without a final `/`; usually empty. */
  basePath: string;
  /** The gateway's own credential for it. */
  authorization: string | undefined;
  timeouts: UpstreamTimeouts;
  dispatcher: Dispatcher;
  /** Lets requests in, as many as it may have at a time. */
  admission: Admission;
  /** To be told of what is learnt of it besides the connections of its dispatcher. */
  reachability: Reachability;
  close(): Promise<void>;
}

export interface UpstreamOptions {
  /** For people. */
  name: string;
  timeouts: UpstreamTimeouts;
  /** The whole header value, instead of what the URL holds. */
  authorization?: string | undefined;
  /** Requests under way at a time. */
  maxInFlight: number;
  /** Shared by all upstreams. */
  running: RunningRequests;
  logger: Logger;
}

/** Below the 5 s after which uvicorn drops an idle connection, so that no request is sent into its closing. */
const IDLE_CONNECTION_MS = 4000;
const MAX_HEADER_BYTES = 64 * 1024;

/** `url`: http or https; may hold a user and a password for the upstream, and a path. */
export function openUpstream(url: string, options: UpstreamOptions): UpstreamTarget {
  const { name, timeouts, maxInFlight, running, logger } = options;
  const base = new URL(url);
  const { origin, host, pathname, username, password } = base;
  const reachability = new Reachability({ upstreamName: name, probe: probeOf(base, timeouts), logger });
  const pool = openPool(origin, options);
  pool.on('connect', () => reachability.connected());
  pool.on('connectionError', (_origin, _targets, error) => reachability.failed(error));
  const isReachable = () => reachability.isReachable;
  return {
    origin,
    host,
    basePath: pathname.replace(/\/+$/, ''),
    authorization: options.authorization ?? (username === '' ? undefined : basicOf(username, password)),
    timeouts,
    dispatcher: pool,
    admission: new Admission({ upstreamName: name, maxInFlight, running, isReachable }),
    reachability,
    close: () => {
      reachability.close();
      return pool.close();
    },
  };
}

function openPool(origin: string, { timeouts, maxInFlight }: UpstreamOptions): Pool {
  return new Pool(origin, {
    // As many as there may be requests: so none waits here for another to end.
    connections: maxInFlight,
    pipelining: 1,
    connect: connectorOf(timeouts),
    keepAliveTimeout: IDLE_CONNECTION_MS,
    // The upstream's own hint may shorten it, not lengthen it.
    keepAliveMaxTimeout: IDLE_CONNECTION_MS,
    maxHeaderSize: MAX_HEADER_BYTES,
    // undici's would end a body that moves slowly; time-outs are the forwarder's.
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
}

/** What is written to its connections are bodies of clients: their chunks came from a socket and are passed on once. */
function connectorOf({ connectMs }: UpstreamTimeouts): buildConnector.connector {
  const connect = buildConnector({ timeout: connectMs, allowH2: false });
  return (options, onConnected) =>
    connect(options, (...outcome) => {
      const [, socket] = outcome;
      if (socket) freeWhatIsWritten(socket);
      onConnected(...outcome);
    });
}

/** Connects as the pool does, with TLS where that is spoken, and hangs up. */
function probeOf({ host, hostname, protocol, port }: URL, { connectMs }: UpstreamTimeouts) {
  const connect = buildConnector({ timeout: connectMs, allowH2: false });
  const to = { host, hostname: hostname.replace(/^\[|\]$/g, ''), protocol, port };
  return () =>
    new Promise<void>((resolve, reject) => {
      connect(to, (error, socket) => {
        socket?.on('error', () => {}).destroy();
        if (error) reject(error);
        else resolve();
      });
    });
}

function basicOf(username: string, password: string): string {
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}
