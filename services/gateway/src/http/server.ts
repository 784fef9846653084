/** The public HTTP server: reads requests as strictly as Node can, and lets no failure out of its request. */

import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  ServerResponse,
} from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { ErrorReason } from '@hokusai/contracts/error-reasons';
import { HokusaiError } from '@hokusai/contracts/errors';
import type { Clock, Logger } from '@hokusai/service-kit';
import type { UsageRecorder } from '../domain/ports.ts';
import type { RandomHex } from '../domain/random-hex.ts';
import { requestIdOf } from '../domain/request-id.ts';
import { type TraceContext, traceContext } from '../domain/trace-context.ts';
import type { AccessLog } from './access-log.ts';
import { breakOff } from './break-off.ts';
import { clientPathReader } from './client-path.ts';
import { type Connections, followConnections } from './connections.ts';
import { Exchange } from './exchange.ts';
import type { Fail } from './fail.ts';
import { GatheredRequest } from './gathered-request.ts';
import { drainAfterAnswer } from './leftover.ts';
import { readPlainRequests } from './plain/index.ts';
import { answerUnreadable } from './problems.ts';
import type { Router } from './router.ts';
import type { TargetRules } from './target-rules.ts';
import {
  announceStrictTransport,
  HANDSHAKE_TIMEOUT_MS,
  type PublicTls,
  renewTls,
  secureContext,
} from './tls.ts';
import { recordUsage } from './usage.ts';

/** Counts requests; never waits and never throws. */
export interface RequestCounter {
  began(): void;
  ended(exchange: Exchange): void;
}

/** Makes spans of requests; never waits and never throws. */
export interface RequestTraces {
  /** The trace with a span of the request in it. `traceparent` is the client's, valid if the trace continues it. */
  begin(trace: TraceContext, traceparent: string | undefined): TraceContext;
  /** Serves a request in the scope of its span. */
  within<Result>(exchange: Exchange, work: () => Result): Result;
  ended(exchange: Exchange): void;
}

export interface GatewayServerOptions extends TargetRules {
  router: Router;
  usage: UsageRecorder;
  /** Absent: none is kept. */
  accessLog?: AccessLog | undefined;
  /** Told of each request's beginning and end; absent: nobody is. */
  requests?: RequestCounter | undefined;
  /** Absent: nothing is traced. */
  traces?: RequestTraces | undefined;
  trustedProxies: readonly string[];
  /** Plain HTTP if absent. */
  tls?: PublicTls | undefined;
  clock: Clock;
  /** A UUID. */
  newId: () => string;
  randomHex: RandomHex;
  /** Answers a request with whatever was thrown while it was served. */
  fail: Fail;
  logger: Logger;
}

/** MLflow's clients send heads of 15 KiB and more. */
const MAX_HEADER_BYTES = 64 * 1024;
/** Waiting for a client, until the upstream is paused. Node reads 64 KiB at a time: one chunk alone is none. */
const BACKLOG_BYTES = 128 * 1024;
const HEADERS_TIMEOUT_MS = 30_000;
/** Longer than the 60 s of common load balancers, so that they close first and no request is lost. */
const KEEP_ALIVE_MS = 75_000;
const LEFTOVER = { bytes: 64 * 1024 * 1024, timeMs: 10_000 };

export interface GatewayServer {
  server: Server;
  connections: Connections;
  /** Takes another certificate for connections from now on. Throws if it can't be used. */
  renewTls(tls: PublicTls | undefined): void;
}

export function createGatewayServer(options: GatewayServerOptions): GatewayServer {
  const server = newServer(
    options.tls,
    // Not while an answer is under way: what follows would get into it. Nor once the server stops.
    (incoming) =>
      server.listening && connections.running(incoming.socket).size === 0 && options.mayUpgrade(incoming),
  );
  const connections = followConnections(server);
  readPlainRequests(server, {
    isServed: options.isForwarded,
    clock: options.clock,
    headersTimeoutMs: HEADERS_TIMEOUT_MS,
    keepAliveMs: KEEP_ALIVE_MS,
  });
  const begin = exchangeBeginner(options);
  const { traces } = options;
  const router: Router = traces
    ? (exchange) => traces.within(exchange, () => options.router(exchange))
    : options.router;
  const serving = (expectsContinue: boolean, router: Router) =>
    containing(options.logger, (incoming, outgoing) => {
      const exchange = begin(incoming, outgoing, expectsContinue);
      connections.begin(incoming.socket, exchange);
      drainAfterAnswer(incoming, outgoing, LEFTOVER);
      return router(exchange).catch((thrown: unknown) => options.fail(exchange, thrown));
    });
  server.on('request', serving(false, router));
  server.on('checkContinue', serving(true, router));
  server.on('checkExpectation', serving(true, refuseExpectation));
  server.on('upgrade', (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    const upgrading = containing(options.logger, (_, outgoing) => {
      const exchange = begin(incoming, outgoing, false, head);
      connections.begin(socket, exchange);
      return router(exchange).catch((thrown: unknown) => options.fail(exchange, thrown));
    });
    upgrading(incoming, answerOn(socket, incoming));
  });
  server.on('connect', (_request, socket) =>
    answerUnreadable(socket as Socket, connectRefused(), options.newId()),
  );
  server.on('clientError', (error, socket) =>
    answerClientError(error, socket as Socket, connections, options.newId),
  );
  return { server, connections, renewTls: (tls) => renewTls(server, tls) };
}

/** Makes an exchange of what Node hands over, and has its end told to whoever counts. */
function exchangeBeginner(options: GatewayServerOptions) {
  const { newId, randomHex, clock, usage, accessLog, requests, traces } = options;
  const readClientPath = clientPathReader(options.trustedProxies);
  const onEnd = (exchange: Exchange) => {
    recordUsage(usage, exchange);
    accessLog?.(exchange);
    requests?.ended(exchange);
    traces?.ended(exchange);
  };
  return (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    expectsContinue: boolean,
    upgradeHead?: Buffer,
  ): Exchange => {
    requests?.began();
    const traceparent = firstOf(incoming.headers['traceparent']);
    const trace = traceContext(traceparent, randomHex);
    return new Exchange({
      incoming,
      outgoing,
      expectsContinue,
      upgradeHead,
      clock,
      requestId: requestIdOf(firstOf(incoming.headers['x-request-id']), newId),
      trace: traces ? traces.begin(trace, traceparent) : trace,
      client: readClientPath(incoming),
      onEnd,
    });
  };
}

function newServer(tls: PublicTls | undefined, mayUpgrade: (incoming: IncomingMessage) => boolean): Server {
  const settings = {
    IncomingMessage: GatheredRequest,
    maxHeaderSize: MAX_HEADER_BYTES,
    highWaterMark: BACKLOG_BYTES,
    headersTimeout: HEADERS_TIMEOUT_MS,
    connectionsCheckingInterval: 5000,
    // Bodies may take any time as long as they move: whoever reads one has an idle time-out.
    requestTimeout: 0,
    keepAliveTimeout: KEEP_ALIVE_MS,
    insecureHTTPParser: false,
    // Refused by the router, with a proper answer.
    requireHostHeader: false,
    shouldUpgradeCallback: mayUpgrade,
  };
  const server = tls
    ? createSecureServer({ ...settings, ...secureContext(tls), handshakeTimeout: HANDSHAKE_TIMEOUT_MS })
    : createServer(settings);
  // Node would leave out the rest without a word; 64 KiB are the bound.
  server.maxHeadersCount = 0;
  if (tls) announceStrictTransport(server, tls);
  return server;
}

/** For an answer on a connection that Node has handed over. It is the last one there. */
function answerOn(
  socket: Socket,
  incoming: IncomingMessage,
): ServerResponse<IncomingMessage> & { req: IncomingMessage } {
  // Node has stopped listening.
  socket.on('error', () => {});
  const outgoing = new ServerResponse(incoming);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.once('finish', () => socket.destroySoon());
  return outgoing;
}

/** A defect costs the request in which it shows, never the process with all the others. */
function containing(
  logger: Logger,
  serve: (incoming: IncomingMessage, outgoing: ServerResponse) => Promise<void>,
): RequestListener {
  const noteUnwritten = (error: Error) => logger.warn({ err: error }, 'an answer could not be written');
  return (incoming, outgoing) => {
    const contain = (error: unknown) => {
      logger.error({ err: error }, 'a request could not be served');
      breakOff(outgoing);
    };
    outgoing.on('error', noteUnwritten);
    try {
      serve(incoming, outgoing).catch(contain);
    } catch (error) {
      contain(error);
    }
  };
}

/** What Node could not read: nothing of it may be taken for another request, so the connection ends. */
function answerClientError(
  error: NodeJS.ErrnoException,
  socket: Socket,
  connections: Connections,
  newId: () => string,
): void {
  const running = [...connections.running(socket)];
  // An earlier request's answer is under way, or still to come: this one would be taken for it.
  const isTaken = running.some(({ incoming, outgoing }) => incoming.complete || outgoing.headersSent);
  if (error.code === 'ECONNRESET' || !socket.writable || isTaken) {
    socket.destroy();
    return;
  }
  answerUnreadable(socket, unreadable(error), running[0]?.requestId ?? newId());
}

function unreadable({ code }: NodeJS.ErrnoException): HokusaiError {
  if (code === 'HPE_HEADER_OVERFLOW')
    return invalid('header_too_large', 'The header section is larger than 64 KiB.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT')
    return invalid('request_timeout', 'The header section did not come in time.');
  return invalid('malformed_request', 'This is no HTTP/1.1 request that could be read in one way only.');
}

const refuseExpectation: Router = () =>
  Promise.reject(invalid('expectation_failed', 'The only expectation that can be met here is 100-continue.'));

function connectRefused(): HokusaiError {
  return invalid('method_not_allowed', 'CONNECT is not served here.');
}

function invalid(reason: ErrorReason, message: string): HokusaiError {
  return new HokusaiError('invalid_request', message, { reason });
}

function firstOf(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
