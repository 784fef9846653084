/** A server that does to requests what networks and servers do at their worst, one after the other, and then answers. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface Answer {
  status: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
}

export type Fault =
  /** Takes the request and never answers. */
  | 'hang'
  /** Sends the head and a part of the body. */
  | 'hang-in-body'
  /** Takes the request, then resets the connection. */
  | 'reset'
  /** Answers, and resets the connection before the end of the body. */
  | 'reset-in-body'
  /** Lets it be done, and resets the connection in place of the answer. */
  | 'reset-after'
  | Answer;

export interface SeenRequest {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Buffer;
}

export interface FaultServer {
  url: string;
  /** Since the last plan. */
  readonly requests: readonly SeenRequest[];
  /** The faults that the next requests meet, one each; all that follow are answered. */
  plan(...faults: readonly Fault[]): void;
  /** The fault that every request meets from now on. */
  planAlways(fault: Fault): void;
  /** The fault that the first request of that kind meets, as in `/^GET .*runs/get/`; all else is answered. */
  planFor(kind: RegExp, fault: Fault): void;
  close(): Promise<void>;
}

/** What answers a request that meets no fault. */
export type Behind = (request: SeenRequest) => Answer | Promise<Answer>;

const PARTIAL = { 'Content-Type': 'application/json', 'Content-Length': '1000' };

export async function startFaultServer(behind: Behind): Promise<FaultServer> {
  const sockets = new Set<Socket>();
  let requests: SeenRequest[] = [];
  let planned: Fault[] = [];
  let always: Fault | undefined;
  let kind = /^/;
  const server = createServer(async (request, response) => {
    const body = await readBody(request);
    if (body === undefined) return;
    const { method = '', url: path = '', headers } = request;
    const seen = { method, path, headers, body };
    requests.push(seen);
    const fault = kind.test(`${method} ${path}`) ? (always ?? planned.shift()) : undefined;
    await meet(fault, seen, response, behind);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  const plan = (faults: readonly Fault[], forAll?: Fault, only = /^/) => {
    requests = [];
    kind = only;
    planned = [...faults];
    always = forAll;
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get requests() {
      return requests;
    },
    plan: (...faults) => plan(faults),
    planAlways: (fault) => plan([], fault),
    planFor: (only, fault) => plan([fault], undefined, only),
    async close() {
      if (!server.listening) return;
      server.close();
      for (const socket of sockets) socket.destroy();
      await once(server, 'close');
    },
  };
}

/** undefined: the client went away. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of request) chunks.push(chunk);
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}

async function meet(
  fault: Fault | undefined,
  request: SeenRequest,
  response: ServerResponse,
  behind: Behind,
): Promise<void> {
  switch (fault) {
    case 'hang':
      return;
    case 'hang-in-body':
      response.writeHead(200, PARTIAL).write('{"run"');
      return;
    case 'reset':
      response.socket?.resetAndDestroy();
      return;
    case 'reset-in-body':
      response.writeHead(200, PARTIAL).write('{"run"', () => response.socket?.resetAndDestroy());
      return;
    case 'reset-after':
      await behind(request);
      response.socket?.resetAndDestroy();
      return;
    default: {
      const { status, headers = {}, body = '' } = fault ?? (await behind(request));
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(body);
    }
  }
}

/** A port at which nothing listens. */
export async function closedPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
