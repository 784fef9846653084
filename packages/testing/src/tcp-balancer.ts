/** One address before several servers: connections go to them in turn. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpBalancer extends AsyncDisposable {
  /** On the loopback address. */
  port: number;
  /** How many connections each target has been given, in the order of the targets. */
  counts(): number[];
}

/** @param targets ports on the loopback address; asked for when a connection comes */
export async function startTcpBalancer(targets: () => readonly number[]): Promise<TcpBalancer> {
  const sockets = new Set<Socket>();
  const counts = new Map<number, number>();
  let turn = 0;
  const join = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    socket.pipe(other);
    socket.on('error', () => other.destroy());
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const ports = targets();
    const port = ports[turn++ % ports.length] as number;
    counts.set(port, (counts.get(port) ?? 0) + 1);
    const outgoing = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    join(incoming, outgoing);
    join(outgoing, incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    counts: () => targets().map((port) => counts.get(port) ?? 0),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
