/**
 * Ways to forward a request from Node, as small as each can be: check a key, strip it, add a request id,
 * stream both ways. Run as `node variants.ts <name> <upstream port>`; prints its own port when it listens.
 */
import { randomUUID } from 'node:crypto';
import {
  Agent,
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { systemClock } from '@hokusai/service-kit';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { type Dispatcher, Pool } from 'undici';
import {
  type AnswerFlow,
  ConnectFailed,
  ConnectionPool,
} from '../../services/gateway/src/http/http1/index.ts';

const KEYS = new Set(['Bearer bench-key']);
const DROPPED = new Set(['authorization', 'connection', 'host', 'keep-alive', 'transfer-encoding']);

const [name = '', upstreamPort = ''] = process.argv.slice(2);
const upstream = `http://127.0.0.1:${upstreamPort}`;

const variants: Record<string, () => RequestListener> = {
  'express-http-proxy-middleware': expressProxyMiddleware,
  'node-http-request': nodeHttpRequest,
  'express-undici': expressUndici,
  undici: undiciAlone,
  'own-client': ownClient,
  // Not a proxy: answers nginx's auth_request subrequests.
  'auth-service': () => (incoming, outgoing) => {
    outgoing.writeHead(isAllowed(incoming) ? 204 : 401, { 'x-request-id': randomUUID() }).end();
  },
};

const variant = variants[name];
if (!variant) throw new Error(`no variant ${name}; there are ${Object.keys(variants).join(', ')}`);
const server = createServer(variant());
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

function isAllowed(incoming: IncomingMessage): boolean {
  return KEYS.has(incoming.headers.authorization ?? '');
}

function expressProxyMiddleware(): RequestListener {
  const app = express().disable('x-powered-by').disable('etag');
  app.use((incoming, outgoing, next) => (isAllowed(incoming) ? next() : refuse(outgoing)));
  app.use(
    createProxyMiddleware({
      target: upstream,
      changeOrigin: true,
      agent: new Agent({ keepAlive: true, maxSockets: 128 }),
      on: {
        proxyReq: (proxied) => {
          proxied.removeHeader('authorization');
          proxied.setHeader('x-request-id', randomUUID());
        },
      },
    }),
  );
  return app;
}

function nodeHttpRequest(): RequestListener {
  const agent = new Agent({ keepAlive: true, maxSockets: 128 });
  return (incoming, outgoing) => {
    if (!isAllowed(incoming)) return refuse(outgoing);
    const { method, url } = incoming;
    const options = {
      agent,
      host: '127.0.0.1',
      port: upstreamPort,
      method,
      path: url,
      headers: headersOf(incoming),
    };
    const proxied = request(options, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    proxied.on('error', () => outgoing.destroy());
    incoming.pipe(proxied);
  };
}

function expressUndici(): RequestListener {
  const forward = undiciAlone();
  const app = express().disable('x-powered-by').disable('etag');
  app.use((incoming, outgoing) => forward(incoming, outgoing));
  return app;
}

function undiciAlone(): RequestListener {
  const pool = new Pool(upstream, { connections: 128, pipelining: 1 });
  return (incoming, outgoing) => {
    if (!isAllowed(incoming)) return refuse(outgoing);
    const hasBody = 'content-length' in incoming.headers || 'transfer-encoding' in incoming.headers;
    const options: Dispatcher.DispatchOptions = {
      method: incoming.method as Dispatcher.HttpMethod,
      path: incoming.url ?? '/',
      headers: headersOf(incoming) as Record<string, string>,
      body: hasBody ? incoming : null,
    };
    pool.dispatch(options, {
      onRequestStart() {},
      onResponseStart(controller, status, headers) {
        outgoing.writeHead(status, headers);
        outgoing.on('drain', () => controller.resume());
      },
      onResponseData(controller, chunk) {
        if (!outgoing.write(chunk)) controller.pause();
      },
      onResponseEnd() {
        outgoing.end();
      },
      onResponseError() {
        outgoing.destroy();
      },
    });
  };
}

/** With the gateway's client of HTTP/1.1. */
function ownClient(): RequestListener {
  const pool = new ConnectionPool({
    connect: (onDone) => {
      const socket = connect(Number(upstreamPort), '127.0.0.1', () => onDone(socket));
      socket.once('error', (error) => onDone(new ConnectFailed(error, false)));
    },
    idleMs: 4000,
    clock: systemClock,
    onConnected: () => {},
    onConnectFailed: () => {},
  });
  return (incoming, outgoing) => {
    if (!isAllowed(incoming)) return refuse(outgoing);
    const hasBody = 'content-length' in incoming.headers || 'transfer-encoding' in incoming.headers;
    const headers = Object.entries(headersOf(incoming)).flatMap(([header, value]) => [header, String(value)]);
    const { method = '', url: path = '/' } = incoming;
    let answer: AnswerFlow;
    pool.send(
      { method, path, headers: ['Host', 'upstream', ...headers], body: hasBody ? incoming : null },
      {
        onSending: (flow) => {
          answer = flow;
          outgoing.on('drain', () => flow.resume());
        },
        onSent: () => {},
        onHead: ({ status, rawHeaders }) => void outgoing.writeHead(status, rawHeaders),
        onData: (chunk) => {
          if (!outgoing.write(chunk)) answer.pause();
        },
        onArrived: () => {},
        onEnd: () => void outgoing.end(),
        onError: () => void outgoing.destroy(),
      },
    );
  };
}

function headersOf(incoming: IncomingMessage): Record<string, string | string[] | undefined> {
  const headers: Record<string, string | string[] | undefined> = { 'x-request-id': randomUUID() };
  for (const [header, value] of Object.entries(incoming.headers))
    if (!DROPPED.has(header)) headers[header] = value;
  return headers;
}

function refuse(outgoing: ServerResponse): void {
  outgoing.writeHead(401).end();
}
