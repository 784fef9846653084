/** Headers of calls, put right before grpc-js reads them. */
import type { Http2Server, IncomingHttpHeaders } from 'node:http2';
import type { Server } from '@grpc/grpc-js';

/** What grpc-js knows privately: what goes wrong with these headers does so before it asks any interceptor. */
interface ServerInternals {
  http2Servers: ReadonlyMap<Http2Server, unknown>;
}

type EditHeaders = (headers: IncomingHttpHeaders) => void;

/** To be called when the server listens. */
export function editHeaders(server: Server, edit: EditHeaders): void {
  const { http2Servers } = server as unknown as ServerInternals;
  for (const http2Server of http2Servers.keys())
    http2Server.prependListener('stream', (_stream, headers) => edit(headers));
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
export function capTimeout(headers: IncomingHttpHeaders): void {
  const [, digits, unit = ''] = TIMEOUT.exec(String(headers['grpc-timeout'])) ?? [];
  if (Number(digits) * (UNIT_MS[unit] ?? 0) > MAX_TIMER_MS)
    headers['grpc-timeout'] = `${Math.floor(MAX_TIMER_MS / 1000)}S`;
}
