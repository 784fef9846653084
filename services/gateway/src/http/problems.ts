/** Error answers on the wire. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { HokusaiError } from '@hokusai/contracts/errors';
import { type ChallengeContext, challengeOf } from '../domain/challenge.ts';
import { type Problem, problemOf } from '../domain/problem.ts';
import { breakOff } from './break-off.ts';
import { rateLimitHeaders } from './charge.ts';
import type { Exchange } from './exchange.ts';

/** Answers with the error, or cuts the connection if an answer is under way that can't be taken back. */
export function answerProblem(exchange: Exchange, error: HokusaiError, challenge: ChallengeContext): void {
  const { outgoing, requestId } = exchange;
  if (exchange.hasLeft || outgoing.writableEnded) return;
  if (outgoing.headersSent) {
    breakOff(outgoing);
    return;
  }
  const problem = problemOf(error, requestId);
  const body = bodyOf(problem);
  const headers = [...headersOf(problem, body), ...rateLimitHeaders(exchange), ...refererHeaders(exchange)];
  if (!outgoing.hasHeader('Allow')) headers.push(...allowHeaders(problem));
  const wwwAuthenticate = challengeOf(error, challenge);
  if (wwwAuthenticate !== undefined) headers.push('WWW-Authenticate', wwwAuthenticate);
  if (mustClose(error)) headers.push('Connection', 'close');
  outgoing.writeHead(problem.status, headers);
  outgoing.end(body);
  exchange.markFirstByte();
  exchange.bytesOut += body.length;
}

/** Answers on a connection whose request could not be read, and closes it. */
export function answerUnreadable(socket: Socket, error: HokusaiError, requestId: string): void {
  const problem = problemOf(error, requestId);
  const body = bodyOf(problem);
  const headers = [...headersOf(problem, body), ...allowHeaders(problem), 'Connection', 'close'];
  let head = `HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n`;
  for (let index = 0; index < headers.length; index += 2)
    head += `${headers[index]}: ${headers[index + 1]}\r\n`;
  // Of a CONNECT Node has stopped listening to the connection, and the client may have left it.
  socket.on('error', () => {});
  socket.write(`${head}\r\n`);
  socket.write(body);
  socket.destroySoon();
}

function bodyOf(problem: Problem): Buffer {
  return Buffer.from(`${JSON.stringify(problem.body)}\n`);
}

function headersOf({ body: { request_id }, retryAfterSeconds }: Problem, body: Buffer): string[] {
  const headers = ['X-Request-ID', request_id, 'Content-Type', 'application/problem+json'];
  headers.push('Content-Length', String(body.length), 'Cache-Control', 'no-store');
  if (retryAfterSeconds !== undefined) headers.push('Retry-After', String(retryAfterSeconds));
  return headers;
}

/** Of a 405 that is about the method, whatever the address (RFC 9110, section 15.5.6). */
function allowHeaders({ status }: Problem): string[] {
  return status === 405 ? ['Allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'] : [];
}

function refererHeaders({ hasKeyInQuery }: Exchange): string[] {
  return hasKeyInQuery ? ['Referrer-Policy', 'no-referrer'] : [];
}

/** Where one request ends and the next begins may not be seen alike by everybody on the way. */
const AMBIGUOUS: ReadonlySet<string | undefined> = new Set(['ambiguous_head', 'unsupported_transfer_coding']);

/** A client that was too slow with its body would be so again. */
function mustClose({ reason }: HokusaiError): boolean {
  return reason === 'request_timeout' || AMBIGUOUS.has(reason);
}
