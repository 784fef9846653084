/**
 * Stop of the public server without losing a request that is on its way.
 *
 * HTTP/1.1 lets either side close an idle connection at any time, and a request that crosses with the close
 * is lost. The one safe way to end a connection is an answer with `Connection: close`. So every answer from
 * now on is such a one, and a connection that is idle is left open for a while, since the next request may
 * be under way on it.
 */
import type { Server as HttpServer } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Connections } from './connections.ts';
import type { GatewayServer } from './server.ts';

export interface StopLimits {
  /** A connection is closed when it has been idle for that long since the stop began. */
  idleMs: number;
  /** What is not over by then is cut off, counted from the word to hurry on. */
  graceMs: number;
  /** Until it is aborted what is under way may take any time. Absent: from the beginning. */
  hurry?: AbortSignal;
}

const SWEEP_MS = 50;

/** Takes no more connections, and resolves when none is left. */
export async function stopServing(
  { server, connections }: Pick<GatewayServer, 'server' | 'connections'>,
  { idleMs, graceMs, hurry = AbortSignal.abort() }: StopLimits,
): Promise<void> {
  const closed = stopListening(server);
  answerForTheLastTime(server, connections);
  const idle = new IdleConnections(connections);
  // After what has arrived by now was read, which a timer comes before.
  const sweep = setInterval(() => {
    closeUpgraded(connections);
    setImmediate(() => idle.close(idleMs));
  }, SWEEP_MS);
  let limit: NodeJS.Timeout | undefined;
  const setLimit = () => {
    limit = setTimeout(() => {
      for (const socket of connections.open()) socket.destroy();
    }, graceMs);
  };
  if (hurry.aborted) setLimit();
  else hurry.addEventListener('abort', setLimit, { once: true });
  await closed;
  hurry.removeEventListener('abort', setLimit);
  clearInterval(sweep);
  clearTimeout(limit);
}

/** As `server.close`, which for HTTP also closes idle connections at once. */
function stopListening(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    NetServer.prototype.close.call(server, () => resolve());
  });
}

/** Whoever is answered from now on closes the connection, and comes back on a new one. */
function answerForTheLastTime(server: HttpServer, connections: Connections): void {
  for (const event of ['request', 'checkContinue', 'checkExpectation'])
    server.prependListener(event, (_incoming, outgoing) => {
      outgoing.shouldKeepAlive = false;
    });
  for (const socket of connections.open())
    for (const { outgoing } of connections.running(socket))
      if (!outgoing.headersSent) outgoing.shouldKeepAlive = false;
}

/** Nothing tells when one of these comes to its end: who holds it connects again. A handshake is answered first. */
function closeUpgraded(connections: Connections): void {
  for (const socket of connections.open())
    for (const { isUpgraded } of connections.running(socket)) if (isUpgraded) socket.destroy();
}

/** Connections on which nothing is under way and nothing arrives, not even a part of a head. */
class IdleConnections {
  readonly #connections: Connections;
  readonly #idleSince = new WeakMap<Socket, { ms: number; bytesRead: number }>();

  constructor(connections: Connections) {
    this.#connections = connections;
  }

  /** Closes those that have been idle, as far as was looked, for that long. */
  close(idleMs: number): void {
    const nowMs = performance.now();
    for (const socket of this.#connections.open()) {
      const { bytesRead } = socket;
      const isBusy = this.#connections.running(socket).size > 0;
      const idle = this.#idleSince.get(socket);
      if (isBusy || idle?.bytesRead !== bytesRead) this.#idleSince.set(socket, { ms: nowMs, bytesRead });
      else if (nowMs - idle.ms >= idleMs) socket.destroy();
    }
  }
}
