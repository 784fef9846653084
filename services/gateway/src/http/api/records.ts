/** Answers of any length: a line of JSON for each record, at the client's pace. */
import { breakOff } from '../break-off.ts';
import { rateLimitHeaders } from '../charge.ts';
import type { ClientAnswer } from '../client-request.ts';
import type { Exchange } from '../exchange.ts';
import { JSON_LINES } from './operation.ts';

/** Several lines are sent at once. */
const CHUNK_CHARS = 32 * 1024;
/** A client that takes nothing for so long has gone without a word. */
const STALLED_MS = 120_000;

/**
 * Resolves when all is sent, or the client has left. Throws what the records throw: before the first one an error
 * can still be answered; later the connection is cut, so that the client sees that the answer is not whole.
 */
export async function answerRecords(exchange: Exchange, records: AsyncIterable<object>): Promise<void> {
  const iterator = records[Symbol.asyncIterator]();
  try {
    await sendAll(exchange, iterator);
  } catch (error) {
    if (exchange.cutOffBy || !exchange.hasLeft) throw exchange.cutOffBy ?? error;
  } finally {
    await iterator.return?.();
  }
}

async function sendAll(exchange: Exchange, iterator: AsyncIterator<object>): Promise<void> {
  const { incoming, outgoing, requestId } = exchange;
  let next = await iterator.next();
  outgoing.writeHead(200, [
    ...['Content-Type', JSON_LINES, 'Cache-Control', 'no-store', 'X-Request-ID', requestId],
    ...rateLimitHeaders(exchange),
  ]);
  exchange.markFirstByte();
  let chunk = '';
  for (; !next.done && incoming.method !== 'HEAD'; next = await iterator.next()) {
    chunk += `${JSON.stringify(next.value)}\n`;
    if (chunk.length < CHUNK_CHARS) continue;
    await send(exchange, chunk);
    chunk = '';
    if (outgoing.destroyed) return;
  }
  await send(exchange, chunk);
  outgoing.end();
}

/** Resolves when the client can take more, or has left. */
async function send(exchange: Exchange, text: string): Promise<void> {
  const { outgoing, deadline } = exchange;
  const bytes = Buffer.from(text);
  if (bytes.length === 0 || outgoing.destroyed) return;
  exchange.bytesOut += bytes.length;
  if (outgoing.write(bytes)) return;
  deadline.start(STALLED_MS, () => breakOff(outgoing));
  await drained(outgoing);
  deadline.clear();
}

function drained(outgoing: ClientAnswer): Promise<void> {
  return new Promise((resolve) => {
    const settle = () => {
      outgoing.off('drain', settle).off('close', settle);
      resolve();
    };
    outgoing.on('drain', settle).on('close', settle);
  });
}
