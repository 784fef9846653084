/** Which exchanges are under way on which client connection. */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as SecureServer } from 'node:tls';
import { Crowd } from './crowd.ts';
import type { Exchange } from './exchange.ts';

export interface Connections {
  /** Ties an exchange to its connection until it ends: if the connection closes before, the client left. */
  begin(socket: Socket, exchange: Exchange): void;
  /** In the order in which they came in (pipelining). */
  running(socket: Socket): Pick<Crowd<Exchange>, 'size' | typeof Symbol.iterator>;
  /** All that are open. */
  open(): Iterable<Socket>;
}

/** One listener per connection instead of one per request. */
export function followConnections(server: Server): Connections {
  const exchangesOf = new Map<Socket, Crowd<Exchange>>();
  // With TLS, what requests come on is the socket that decrypts.
  server.on(server instanceof SecureServer ? 'secureConnection' : 'connection', (socket: Socket) => {
    const exchanges = new Crowd<Exchange>();
    exchangesOf.set(socket, exchanges);
    socket.on('close', () => {
      exchangesOf.delete(socket);
      for (const exchange of [...exchanges]) exchange.leave();
    });
  });
  return {
    begin(socket, exchange) {
      const exchanges = exchangesOf.get(socket);
      if (!exchanges) return exchange.leave();
      exchanges.add(exchange);
      exchange.outgoing.once('close', () => {
        exchanges.delete(exchange);
        exchange.end();
      });
    },
    running: (socket) => exchangesOf.get(socket) ?? new Crowd<Exchange>(),
    open: () => exchangesOf.keys(),
  };
}
