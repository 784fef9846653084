/** Headers of calls, put right before grpc-js reads them. */
import type { Http2Server, IncomingHttpHeaders } from 'node:http2';
import { type Server, type ServerDuplexStream, status } from '@grpc/grpc-js';

/** What grpc-js knows privately: what goes wrong with these headers does so before it asks any interceptor. */
interface ServerInternals {
  http2Servers: ReadonlyMap<Http2Server, unknown>;
  handlers: ReadonlyMap<string | undefined, unknown>;
}

/** In place of any path that the server doesn't have: calls of it are guarded like others, and get to nothing. */
export const UNKNOWN_METHOD = '/unknown';

/** To be called when the server listens, with all of its services. */
export function prepareHeaders(server: Server): void {
  const { http2Servers, handlers } = server as unknown as ServerInternals;
  const bytes = (value: Buffer) => value;
  server.register(UNKNOWN_METHOD, answerUnknown, bytes, bytes, 'bidi');
  for (const http2Server of http2Servers.keys())
    http2Server.prependListener('stream', (_stream, headers) => {
      capTimeout(headers);
      if (!handlers.has(headers[':path'])) headers[':path'] = UNKNOWN_METHOD;
    });
}

function answerUnknown(call: ServerDuplexStream<Buffer, Buffer>): void {
  call.emit('error', { code: status.UNIMPLEMENTED, details: 'The server has no such method.' });
}

const TIMEOUT = /(\d{1,8})\s*([HMSmun])/;
const UNIT_MS: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};
/** The longest that a timer of Node can wait: nearly 25 days. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Cuts a deadline that is farther away than a timer can wait. grpc-js lets the milliseconds overflow: the call
 * ends at once, or at any time.
 */
function capTimeout(headers: IncomingHttpHeaders): void {
  const [, digits, unit = ''] = TIMEOUT.exec(String(headers['grpc-timeout'])) ?? [];
  if (Number(digits) * (UNIT_MS[unit] ?? 0) > MAX_TIMER_MS)
    headers['grpc-timeout'] = `${Math.floor(MAX_TIMER_MS / 1000)}S`;
}
