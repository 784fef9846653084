/** A gateway with an MLflow behind it, as far as the doctor asks them, which can be made to fail anywhere. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { CALLER_KEY, whoamiJson } from './samples.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface DoctorGateway {
  /** Without a slash at its end. */
  url: string;
  port: number;
  /** What was asked, as `GET /path`. */
  asked: string[];
  /** Answers, from now on, to requests whose `METHOD /path` begins so. */
  on(start: string, handler: Handler): void;
  /** Answers as a sound gateway again. */
  heal(): void;
  close(): Promise<void>;
}

const API = '/mlflow/api/2.0/mlflow';
const ARTIFACTS = '/mlflow/api/2.0/mlflow-artifacts/artifacts/';
const RUN = { run_id: 'r1', experiment_id: '7', run_name: 'doctor', status: 'RUNNING', start_time: 1 };
const INFO = { ...RUN, artifact_uri: 'mlflow-artifacts:/7/r1/artifacts', lifecycle_stage: 'active' };

export async function startDoctorGateway(tls?: { certificate: string; key: string }): Promise<DoctorGateway> {
  const files = new Map<string, Buffer>();
  const sound = soundHandlers(files);
  let failing: [start: string, handler: Handler][] = [];
  const asked: string[] = [];
  const listener: RequestListener = async (request, response) => {
    const line = `${request.method} ${request.url}`;
    asked.push(line);
    const [, handler] = [...failing, ...sound].find(([start]) => line.startsWith(start)) ?? [];
    await (handler ?? UNKNOWN)(request, response);
  };
  const server = tls
    ? createTlsServer({ cert: tls.certificate, key: tls.key }, listener)
    : createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${port}`,
    port,
    asked,
    on(start, handler) {
      failing = [[start, handler], ...failing];
    },
    heal() {
      failing = [];
      asked.length = 0;
    },
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const UNKNOWN = json(404, { error_code: 'ENDPOINT_NOT_FOUND', message: 'There is nothing here.' });

function soundHandlers(files: Map<string, Buffer>): [start: string, handler: Handler][] {
  const experiment = { experiment_id: '7', name: 'hokusai-doctor', lifecycle_stage: 'active' };
  return [
    ['GET /api/v1/version', json(200, { service: 'hokusai-gateway', version: '9.8.7' })],
    ['GET /api/v1/auth/whoami', whoami()],
    ['GET /mlflow/version', text(200, '3.17.2')],
    ['GET /mlflow/health', text(200, 'OK')],
    [`GET ${API}/experiments/get-by-name`, json(200, { experiment })],
    [`POST ${API}/runs/create`, json(200, { run: { info: INFO, data: {} } })],
    [`POST ${API}/runs/update`, json(200, { run_info: INFO })],
    [`POST ${API}/runs/delete`, json(200, {})],
    [
      `PUT ${ARTIFACTS}`,
      async (request, response) => {
        files.set(request.url ?? '', await buffer(request));
        await json(200, {})(request, response);
      },
    ],
    [`GET ${ARTIFACTS}`, (request, response) => void response.end(files.get(request.url ?? ''))],
    [`DELETE ${ARTIFACTS}`, json(200, {})],
  ];
}

/** As the gateway answers who shows the key. */
export function whoami(more: object = {}, headers: Record<string, string> = {}): Handler {
  const scopes = ['mlflow:read', 'mlflow:write', 'mlflow:delete'];
  const known = json(200, whoamiJson({ scopes, ...more }), {
    'x-ratelimit-limit': '20000',
    'x-ratelimit-remaining': '19987',
    ...headers,
  });
  return (request, response) => {
    const isKnown = request.headers.authorization === `Bearer ${CALLER_KEY}`;
    const answer = isKnown ? known : refusal(401, 'unknown_key', `No key begins with ${CALLER_KEY}.`);
    return answer(request, response);
  };
}

export function json(status: number, body: object, headers: Record<string, string> = {}): Handler {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
}

export function text(status: number, body: string, headers: Record<string, string> = {}): Handler {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'text/plain', ...headers });
    response.end(body);
  };
}

const CODES: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  429: 'REQUEST_LIMIT_EXCEEDED',
  503: 'TEMPORARILY_UNAVAILABLE',
};

/** A refusal in the gateway's form. */
export function refusal(status: number, reason: string, message: string): Handler {
  const body = { type: `urn:hokusai:error:${reason}`, status, detail: message, message, request_id: 'req-1' };
  return json(status, { ...body, error_code: CODES[status] ?? 'INTERNAL_ERROR' });
}

export const html: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'text/html' });
  response.end('<!doctype html><html><head><title>Sign in</title></head></html>');
};

/** Says nothing, for as long as it is asked. */
export const hang: Handler = () => undefined;

/** Begins an answer at once, and goes on with it a byte at a time. */
export const drip: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  const timer = setInterval(() => response.write(' '), 100);
  response.on('close', () => clearInterval(timer)).on('error', () => undefined);
};

export const reset: Handler = (request) => void request.socket.resetAndDestroy();

/** Begins JSON, and ends it before it should. */
export const cutOff: Handler = (_, response) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
  response.write('{"service": "hok');
  response.socket?.end();
};

export function redirect(location: string): Handler {
  return text(301, '', { location });
}
