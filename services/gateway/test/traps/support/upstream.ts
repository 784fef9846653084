/** Upstreams of the traps: they remember every byte, and read all of it twice, by Node's parser and by a strict one. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer as createNetServer, type Server, type Socket } from 'node:net';
import { type StrictHead, StrictReader } from './strict-reader.ts';

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

interface Recorder {
  url: string;
  /** Authority, as in `Host`. */
  host: string;
  /** What the strict parser read, in the order of arrival. */
  heads: StrictHead[];
  /** What it could not read. */
  violations: string[];
  /** Open connections. */
  sockets: ReadonlySet<Socket>;
  connectionCount(): number;
  /** What came in, as Latin-1: of each connection the first MiB, so that large bodies do not count. */
  received(): string;
  close(): Promise<void>;
}

export interface TrapUpstream extends Recorder {
  requests: IncomingMessage[];
  /** Answers all requests from now on. */
  answer: Answer;
}

export interface RawUpstream extends Recorder {
  /** Gets all new connections from now on. */
  onSocket: (socket: Socket) => void;
  /** Ends all connections. */
  hangUp(): void;
}

const REMEMBERED_BYTES = 1024 * 1024;

/** Answers with what it was asked for: `{"url": …, "body": …}`. */
export const repeatRequest: Answer = (incoming, outgoing) => {
  let body = '';
  incoming.setEncoding('latin1').on('data', (chunk: string) => {
    body += chunk;
  });
  incoming.on('error', () => {});
  incoming.on('end', () => outgoing.end(JSON.stringify({ url: incoming.url, body })));
};

/** A Node HTTP server. */
export async function startTrapUpstream(): Promise<TrapUpstream> {
  const requests: IncomingMessage[] = [];
  const listener: RequestListener = (incoming, outgoing) => {
    requests.push(incoming);
    upstream.answer(incoming, outgoing);
  };
  const server = createServer({ maxHeaderSize: 128 * 1024 }, listener);
  server.maxHeadersCount = 0;
  const upstream = Object.assign(await record(server), { requests, answer: repeatRequest });
  return upstream;
}

/** Hands out its connections. */
export async function startRawUpstream(): Promise<RawUpstream> {
  const server = createNetServer((socket) => upstream.onSocket(socket));
  const recorder = await record(server);
  const upstream = Object.assign(recorder, {
    onSocket: (socket: Socket) => void socket.destroy(),
    hangUp: () => {
      for (const socket of recorder.sockets) socket.destroy();
    },
  });
  return upstream;
}

async function record(server: Server): Promise<Recorder> {
  const sockets = new Set<Socket>();
  const chunks: Buffer[] = [];
  const heads: StrictHead[] = [];
  const violations: string[] = [];
  let count = 0;
  server.on('connection', (socket: Socket) => {
    count += 1;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => {});
    const reader = new StrictReader(
      (head) => heads.push(head),
      (what) => violations.push(what),
    );
    let size = 0;
    socket.on('data', (chunk) => {
      reader.feed(chunk);
      if (size < REMEMBERED_BYTES) chunks.push(chunk);
      size += chunk.length;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `http://${host}`,
    host,
    heads,
    violations,
    sockets,
    connectionCount: () => count,
    received: () => Buffer.concat(chunks).toString('latin1'),
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
