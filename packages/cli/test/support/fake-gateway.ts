/** A small HTTP server that answers what a test tells it to, and remembers what it was asked. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface Asked {
  method: string;
  /** Path and query. */
  url: string;
  headers: IncomingMessage['headers'];
  body: unknown;
}

export type Reply = (asked: Asked, response: ServerResponse) => void;

export interface FakeGateway {
  url: string;
  asked: Asked[];
  /** Answers from now on; one after the other, the last one for good. */
  reply(...replies: Reply[]): void;
  close(): Promise<void>;
}

export async function startFakeGateway(): Promise<FakeGateway> {
  const asked: Asked[] = [];
  let replies: Reply[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '', headers } = request;
    const body = headers['content-type'] === 'application/json' ? await json(request) : undefined;
    const entry = { method, url, headers, body };
    asked.push(entry);
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    if (reply) reply(entry, response);
    else response.destroy();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    reply(...next) {
      replies = next;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

export function answer(status: number, body: unknown, headers: Record<string, string> = {}): Reply {
  return (_asked, response) => {
    const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
    response.writeHead(status, { 'content-type': 'application/json', 'x-request-id': 'req-1', ...headers });
    response.end(text);
  };
}

export function problem(status: number, reason: string, detail: string, more: object = {}): Reply {
  const type = `urn:hokusai:error:${reason}`;
  const body = { type, title: 'Not so', status, detail, request_id: 'req-1', ...more };
  const retry = status === 503 ? { 'retry-after': '0' } : {};
  return answer(status, body, { 'content-type': 'application/problem+json', ...retry });
}

/** Breaks the connection off without an answer. */
export const drop: Reply = (_asked, response) => response.destroy();
