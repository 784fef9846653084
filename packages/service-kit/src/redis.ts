/**
 * A Redis client that fails at once while it is not connected. Whoever sends a command sees to how long its answer
 * may take: a time-out of the client would hold for its own commands too, and call a server away that is there,
 * since a process that starts is busy for longer.
 */
import { Cluster, Redis } from 'ioredis';
import { redisSlotOf } from './redis-slot.ts';
import type { BackendTls } from './tls/client-variables.ts';

/** One server, or a cluster. */
export type RedisClient = Redis | Cluster;

export interface RedisOptions {
  /** `redis[s]://…`; several of them, separated by commas, are nodes of one cluster. */
  url: string;
  /** Where the URL asks for TLS. */
  tls?: BackendTls;
  /** Told of connection errors; each command fails on its own besides. */
  onError: (error: Error) => void;
  /** Told each time commands can be sent (again). */
  onReady?: () => void;
}

const CONNECT_TIMEOUT_MS = 2000;
/** A connection on which nothing comes back for so long is given up: its other end may be gone without a word. */
const SILENCE_MS = 5000;
/** Tries of one command on a cluster that is being rearranged. */
const MAX_REDIRECTIONS = 4;

export function createRedis({ url, tls = {}, onError, onReady }: RedisOptions): RedisClient {
  const urls = url.split(',').map((one) => one.trim());
  const isSecure = urls[0]?.startsWith('rediss:') ?? false;
  const nodeOptions = { ...NODE_OPTIONS, ...(isSecure && { tls }) };
  const redis =
    urls.length > 1
      ? connectCluster(urls, nodeOptions)
      : new Redis(url, { ...nodeOptions, enableOfflineQueue: false, retryStrategy: reconnectDelayMs });
  redis.on('error', onError);
  if (onReady) redis.on('ready', onReady);
  return redis;
}

/** Of the connection to one server. */
const NODE_OPTIONS = {
  maxRetriesPerRequest: 0,
  // What was under way when a connection broke has failed: its sender has gone on without it.
  autoResendUnfulfilledCommands: false,
  connectTimeout: CONNECT_TIMEOUT_MS,
  socketTimeout: SILENCE_MS,
};

/** The nodes share user, password and TLS, those of the first URL; further nodes are learnt from them. */
function connectCluster(urls: readonly string[], nodeOptions: object): Cluster {
  const nodes = urls.map((url) => new URL(url));
  const [{ username, password }] = nodes as [URL, ...URL[]];
  const redisOptions = {
    ...nodeOptions,
    ...(username !== '' && { username: decodeURIComponent(username) }),
    ...(password !== '' && { password: decodeURIComponent(password) }),
  };
  return new Cluster(nodes.map(addressOf), {
    redisOptions,
    enableOfflineQueue: false,
    maxRedirections: MAX_REDIRECTIONS,
    clusterRetryStrategy: reconnectDelayMs,
    clusterNodeRetryStrategy: reconnectDelayMs,
  });
}

function addressOf({ hostname, port }: URL): { host: string; port: number } {
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) || 6379 };
}

/** For ever, at most a second apart. */
function reconnectDelayMs(attempt: number): number {
  return Math.min(50 * attempt, 1000);
}

/** The address of the server that holds a key, as far as it is known: keys of the same one fare alike. */
export function redisNodeOf(redis: RedisClient, key: string): string {
  return redis instanceof Cluster ? (redis.slots[redisSlotOf(key)]?.[0] ?? '') : '';
}

/** Sends the commands that `work` gives in one piece to each server. */
export function sendTogether(redis: RedisClient, work: () => void): void {
  const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis];
  // A node has no stream before its first connection.
  const streams = nodes.flatMap(({ stream }: { stream?: Redis['stream'] }) => stream ?? []);
  for (const stream of streams) stream.cork();
  work();
  for (const stream of streams) stream.uncork();
}
