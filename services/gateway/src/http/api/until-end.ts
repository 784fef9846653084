import type { Exchange } from '../exchange.ts';

/** Aborts when the client has left, or the request may not go on. */
export function untilEnd(exchange: Exchange): AbortSignal {
  const ended = new AbortController();
  exchange.work = { stop: () => ended.abort() };
  return ended.signal;
}
