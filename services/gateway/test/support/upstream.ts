/** Upstreams that do as they are told and remember every byte that they received. */
import { once } from 'node:events';
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';

export interface TestUpstream {
  url: string;
  port: number;
  /** All that came in, as text (Latin-1): heads and bodies of all connections. */
  received(): string;
  /** Open connections. */
  sockets: ReadonlySet<Socket>;
  /** How many connections there have ever been. */
  connectionCount(): number;
  close(): Promise<void>;
}

export interface HttpUpstream extends TestUpstream {
  requests: IncomingMessage[];
}

const REMEMBERED_BYTES = 1024 * 1024;

/** A Node HTTP server. */
export async function startHttpUpstream(listener: RequestListener, port = 0): Promise<HttpUpstream> {
  const requests: IncomingMessage[] = [];
  const server = createHttpServer({ maxHeaderSize: 128 * 1024 }, (incoming, outgoing) => {
    requests.push(incoming);
    listener(incoming, outgoing);
  });
  server.maxHeadersCount = 0;
  return { requests, ...(await listen(server, port)) };
}

/** A server that gets the bytes as they come and may answer any. */
export function startRawUpstream(onSocket: (socket: Socket) => void, port = 0): Promise<TestUpstream> {
  return listen(createNetServer(onSocket), port);
}

/** The part that all test upstreams have in common. */
export async function listen(server: Server, port: number): Promise<TestUpstream> {
  const sockets = new Set<Socket>();
  const chunks: Buffer[] = [];
  let size = 0;
  let count = 0;
  server.on('connection', (socket: Socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    // Node's HTTP server reads past 'data' listeners where it can: this one is prepended by its parser.
    socket.on('data', (chunk) => {
      if (size < REMEMBERED_BYTES) chunks.push(chunk);
      size += chunk.length;
    });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    received: () => Buffer.concat(chunks).toString('latin1'),
    sockets,
    connectionCount: () => count,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
