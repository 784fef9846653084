/**
 * What the gateway is compared with, each as small as it can be, on one core:
 *
 *     node subjects.ts <name> <upstream port>        SUBJECT_KEY and REDIS_URL for auth-service
 *
 * Prints its port when it listens.
 */
import { createHash, randomUUID } from 'node:crypto';
import { Agent, createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import { Redis } from 'ioredis';
import { type Dispatcher, Pool } from 'undici';

const [name = '', upstreamPort = ''] = process.argv.slice(2);
const upstream = `http://127.0.0.1:${upstreamPort}`;

const SUBJECTS: Record<string, () => RequestListener> = {
  undici: undiciAlone,
  'express-http-proxy-middleware': expressProxyMiddleware,
  'auth-service': authService,
};

const subject = SUBJECTS[name];
if (!subject) throw new Error(`no subject ${name}; there are ${Object.keys(SUBJECTS).join(', ')}`);
const server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, subject());
server.listen(0, '127.0.0.1', () => console.log((server.address() as AddressInfo).port));

/** The limit for Node: forwards every request as it came, with the settings of the gateway's own pool. */
function undiciAlone(): RequestListener {
  const pool = new Pool(upstream, {
    connections: 512,
    pipelining: 1,
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 4000,
    maxHeaderSize: 64 * 1024,
    headersTimeout: 0,
    bodyTimeout: 0,
    allowH2: false,
  });
  return (incoming, outgoing) => {
    const { method, url = '/', headers } = incoming;
    const hasBody = 'content-length' in headers || 'transfer-encoding' in headers;
    const options: Dispatcher.DispatchOptions = {
      method: method as Dispatcher.HttpMethod,
      path: url,
      headers: withoutHopByHop(incoming.rawHeaders),
      body: hasBody ? incoming : null,
    };
    pool.dispatch(options, {
      onRequestStart(controller) {
        outgoing.on('drain', () => controller.resume());
      },
      onResponseStart(controller, status) {
        outgoing.writeHead(status, withoutHopByHop((controller.rawHeaders as Buffer[]).map(String)));
      },
      onResponseData(controller, chunk) {
        if (!outgoing.write(chunk)) controller.pause();
      },
      onResponseEnd: () => void outgoing.end(),
      onResponseError: () => void outgoing.destroy(),
    });
  };
}

const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding']);

function withoutHopByHop(rawHeaders: readonly string[]): string[] {
  const headers: string[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const field = rawHeaders[index] as string;
    if (!HOP_BY_HOP.has(field.toLowerCase())) headers.push(field, rawHeaders[index + 1] as string);
  }
  return headers;
}

function expressProxyMiddleware(): RequestListener {
  const app = express().disable('x-powered-by').disable('etag');
  const agent = new Agent({ keepAlive: true, maxSockets: 512 });
  app.use(createProxyMiddleware({ target: upstream, changeOrigin: true, agent }));
  return app;
}

/** What stands behind nginx's `auth_request`: a key in memory, and a counter of each hour in Redis. */
function authService(): RequestListener {
  const { SUBJECT_KEY = '', REDIS_URL = '' } = process.env;
  const keys = new Map([[digestOf(`Bearer ${SUBJECT_KEY}`), { id: randomUUID(), limit: 2 ** 31 }]]);
  const redis = new Redis(REDIS_URL, { enableAutoPipelining: true });
  redis.defineCommand('count', {
    numberOfKeys: 1,
    lua: `local used = redis.call('INCR', KEYS[1])
          if used == 1 then redis.call('EXPIRE', KEYS[1], 3600) end
          return used`,
  });
  const counting = redis as Redis & { count(key: string): Promise<number> };
  return (incoming, outgoing) => {
    const key = keys.get(digestOf(incoming.headers.authorization ?? ''));
    if (!key) {
      outgoing.writeHead(401).end();
      return;
    }
    counting.count(`bench:${key.id}:${Math.floor(Date.now() / 3_600_000)}`).then(
      (used) => void outgoing.writeHead(used > key.limit ? 429 : 204, { 'x-request-id': randomUUID() }).end(),
      () => void outgoing.writeHead(503).end(),
    );
  };
}

function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('base64');
}
