/** `/api/v1/docs`: a page to read the API's description, and to try it out. All of it is served from here. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type RequestHandler, Router } from 'express';
import type { Exchange } from '../../exchange.ts';
import { serveAddress } from '../addresses.ts';
import { exchangeOf } from '../request.ts';

const PAGE = '/api/v1/docs';
const OWN = import.meta.dirname;
const SWAGGER_UI = dirname(fileURLToPath(import.meta.resolve('swagger-ui-dist/package.json')));

interface Asset {
  folder: string;
  file: string;
  type: string;
}

const page: Asset = { folder: OWN, file: 'index.html', type: 'text/html; charset=utf-8' };
const assets: readonly Asset[] = [
  { folder: OWN, file: 'start.js', type: 'text/javascript; charset=utf-8' },
  { folder: SWAGGER_UI, file: 'swagger-ui-bundle.js', type: 'text/javascript; charset=utf-8' },
  { folder: SWAGGER_UI, file: 'swagger-ui.css', type: 'text/css; charset=utf-8' },
  { folder: SWAGGER_UI, file: 'favicon-32x32.png', type: 'image/png' },
];

/** Nothing from elsewhere and no inline script: the page handles keys. Swagger UI's icons are data URLs. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const SECURITY_HEADERS = [
  ...['Content-Security-Policy', CONTENT_SECURITY_POLICY],
  ...['X-Content-Type-Options', 'nosniff'],
  ...['Referrer-Policy', 'no-referrer'],
  ...['Cross-Origin-Opener-Policy', 'same-origin'],
];

export function docsRoutes(): Router {
  const router = Router({ caseSensitive: true, strict: true });
  serveAddress(router, PAGE, { get: assetHandler(page) });
  serveAddress(router, `${PAGE}/`, { get: redirectToPage });
  for (const asset of assets) serveAddress(router, `${PAGE}/${asset.file}`, { get: assetHandler(asset) });
  return router;
}

/** Relative addresses on the page lead nowhere below the slash. */
const redirectToPage: RequestHandler = (request) => {
  const { client, outgoing, requestId } = exchangeOf(request);
  const location = client.outerPrefix + PAGE;
  outgoing.writeHead(308, ['Location', location, 'Content-Length', '0', 'X-Request-ID', requestId]);
  outgoing.end();
};

/** Read once, when first asked for; a browser that has it already gets 304. */
function assetHandler({ folder, file, type }: Asset): RequestHandler {
  let loading: Promise<{ content: Buffer; etag: string }> | undefined;
  return async (request) => {
    const exchange = exchangeOf(request);
    loading ??= readFile(join(folder, file)).then((content) => ({ content, etag: etagOf(content) }));
    const { content, etag } = await loading;
    const headers = ['ETag', etag, 'Cache-Control', 'no-cache', ...SECURITY_HEADERS];
    headers.push('X-Request-ID', exchange.requestId);
    if (request.headers['if-none-match'] === etag) return answer(exchange, 304, headers);
    headers.push('Content-Type', type, 'Content-Length', String(content.length));
    answer(exchange, 200, headers, content);
  };
}

function etagOf(content: Buffer): string {
  return `"${createHash('sha256').update(content).digest('base64url').slice(0, 22)}"`;
}

function answer({ outgoing }: Exchange, status: number, headers: string[], content?: Buffer): void {
  outgoing.writeHead(status, headers);
  outgoing.end(content);
}
