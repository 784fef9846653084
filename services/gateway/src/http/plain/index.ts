/**
 * A server of our own for plain requests, in front of Node's: most requests by far are such, and need a fraction of the work that
 * Node's server does for each. It reads what can be read in one way only, and leaves the connection to Node with the
 * first request that it does not know, which Node then reads from its first byte on.
 */
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import { Server as SecureServer } from 'node:tls';
import { PlainConnection, type PlainConnectionOptions } from './plain-connection.ts';

export type PlainRequestsOptions = Pick<
  PlainConnectionOptions,
  'isServed' | 'clock' | 'headersTimeoutMs' | 'keepAliveMs'
>;

/** From now on plain requests come to the listeners of `server` as Node's own do. */
export function readPlainRequests(server: Server, options: PlainRequestsOptions): void {
  const event = server instanceof SecureServer ? 'secureConnection' : 'connection';
  const [ofNode] = server.listeners(event) as ((socket: Socket) => void)[];
  if (!ofNode) throw new Error('Node does not listen to its connections');
  server.off(event, ofNode);
  const toListeners = {
    serve: (request: object, answer: object) => void server.emit('request', request, answer),
    handOver: (socket: Socket, bytes: Buffer) => {
      ofNode.call(server, socket);
      socket.unshift(bytes);
    },
    onClientError: (code: string, socket: Socket) =>
      void server.emit(
        'clientError',
        Object.assign(new Error('the request can not be read'), { code }),
        socket,
      ),
  };
  server.on(event, (socket: Socket) => new PlainConnection(socket, { ...options, ...toListeners }));
}
