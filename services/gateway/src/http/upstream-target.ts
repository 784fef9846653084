/** One server that requests are forwarded to, and the connections to it. */
import type { Socket } from 'node:net';
import { type Logger, systemClock } from '@hokusai/service-kit';
import { buildConnector } from 'undici';
import { Admission } from './admission.ts';
import { ConnectFailed, ConnectionPool } from './http1/index.ts';
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
  pool: ConnectionPool;
  /** Lets requests in, as many as it may have at a time. */
  admission: Admission;
  /** To be told of what is learnt of it besides the connections of its pool. */
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

/** `url`: http or https; may hold a user and a password for the upstream, and a path. */
export function openUpstream(url: string, options: UpstreamOptions): UpstreamTarget {
  const { name, timeouts, maxInFlight, running, logger } = options;
  const base = new URL(url);
  const { origin, host, pathname, username, password } = base;
  const connect = connectorOf(base, timeouts);
  const reachability = new Reachability({ upstreamName: name, probe: probeOf(connect), logger });
  const pool = new ConnectionPool({
    connect,
    idleMs: IDLE_CONNECTION_MS,
    clock: systemClock,
    onConnected: () => reachability.connected(),
    onConnectFailed: ({ cause }) => reachability.failed(cause as Error),
  });
  const isReachable = () => reachability.isReachable;
  return {
    origin,
    host,
    basePath: pathname.replace(/\/+$/, ''),
    authorization: options.authorization ?? (username === '' ? undefined : basicOf(username, password)),
    timeouts,
    pool,
    admission: new Admission({ upstreamName: name, maxInFlight, running, isReachable }),
    reachability,
    close: () => {
      reachability.close();
      return pool.close();
    },
  };
}

type Connect = (onDone: (outcome: Socket | ConnectFailed) => void) => void;

/** With TLS where that is spoken. What is written to its connections are bodies of clients: their chunks came from a socket and are passed on once. */
function connectorOf(url: URL, { connectMs }: UpstreamTimeouts): Connect {
  const { host, hostname, protocol, port } = url;
  const connect = buildConnector({ timeout: connectMs, allowH2: false });
  const to = { host, hostname: hostname.replace(/^\[|\]$/g, ''), protocol, port };
  return (onDone) =>
    connect(to, (error, socket) => {
      if (!socket) return onDone(connectFailed(error));
      freeWhatIsWritten(socket);
      onDone(socket);
    });
}

function connectFailed(error: Error | null): ConnectFailed {
  const cause = error ?? new Error('no connection');
  return new ConnectFailed(cause, (cause as NodeJS.ErrnoException).code === 'UND_ERR_CONNECT_TIMEOUT');
}

/** Connects as the pool does, and hangs up. */
function probeOf(connect: Connect): () => Promise<void> {
  return () =>
    new Promise((resolve, reject) => {
      connect((outcome) => {
        if (outcome instanceof Error) return reject(outcome);
        outcome.on('error', () => {}).destroy();
        resolve();
      });
    });
}

function basicOf(username: string, password: string): string {
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}
