/** A way between two processes that can be interrupted. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  /** `host:port` that stands for the target's. */
  address: string;
  /** Cuts all connections, and each that is made. */
  refuse(): void;
  /** Lets nothing through any more, without a word: what is on its way waits. */
  stall(): void;
  /** Lets all through again, also what has waited. */
  open(): void;
  close(): Promise<void>;
}

/** @param target `host:port` */
export async function startTcpProxy(target: string): Promise<TcpProxy> {
  const [host = '', port] = target.split(':');
  const sockets = new Set<Socket>();
  let state: 'open' | 'stalled' | 'refusing' = 'open';
  const own = (socket: Socket, other: Socket) => {
    sockets.add(socket);
    if (state === 'stalled') socket.pause();
    socket.on('data', (bytes) => other.write(bytes));
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      other.destroy();
    });
  };
  const server = createServer((incoming) => {
    if (state === 'refusing') return void incoming.on('error', () => {}).destroy();
    const outgoing = connect(Number(port), host);
    own(incoming, outgoing);
    own(outgoing, incoming);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuse: () => {
      state = 'refusing';
      cut();
    },
    stall: () => {
      state = 'stalled';
      for (const socket of sockets) socket.pause();
    },
    open: () => {
      state = 'open';
      for (const socket of sockets) socket.resume();
    },
    close: async () => {
      cut();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
