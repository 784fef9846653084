/**
 * The bytes of a download, gone on with where it broke: by a range if the server honours it and says that the file is the
 * same one, else from its beginning, past the bytes that are here already, once their hash has shown that they are the
 * same.
 */
import { createHash, type Hash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type Logger, silentLogger } from '../config/logger.ts';
import { ChecksumError, ConnectionLostError, TimeoutError } from '../errors/errors.ts';
import type { DownloadAnswer, HttpClient } from '../http/client.ts';
import type { CallOptions } from '../model/values.ts';

/** Breaks with nothing new between them that end a download; each request has retries of its own. */
const FRUITLESS_BREAKS = 3;

export interface Incoming {
  /** In bytes; null if the server doesn't say. */
  size: number | null;
  /** To be read once. */
  bytes: AsyncGenerator<Uint8Array, void>;
  /** Of what was read so far; the hash in hexadecimal. */
  summary(): { size: number; sha256: string };
  /** Ends the connection, also if nothing was read. */
  close(): void;
}

export interface ReceiveDependencies {
  http: HttpClient;
  logger?: Logger | undefined;
}

/** Resolves when the server has begun to answer; `NotFoundError` and the like come here. */
export async function receive(
  { http, logger = silentLogger }: ReceiveDependencies,
  path: string,
  options?: CallOptions,
): Promise<Incoming> {
  const digest = createHash('sha256');
  let received = 0;
  let current: DownloadAnswer;
  const ask = async (from?: number) => {
    current = await http.download(from === undefined ? { path } : { path, from }, options);
    // Whoever reads it learns of its errors; nobody may have begun to.
    current.body.on('error', () => undefined);
    return current;
  };
  const first = await ask();

  async function* counted(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of body) {
      received += chunk.length;
      digest.update(chunk);
      yield chunk;
    }
  }
  async function* bytes(): AsyncGenerator<Uint8Array, void> {
    let body = ended(first);
    for (let fruitless = 0, before = 0; fruitless < FRUITLESS_BREAKS; before = received) {
      try {
        return yield* counted(body);
      } catch (error) {
        fruitless = received > before ? 1 : fruitless + 1;
        if (!isBroken(error) || fruitless === FRUITLESS_BREAKS) throw error;
        logger.warn('A download broke and is gone on with', { path, received, code: error.code });
        body = continued(ask, first, { received, digest: digest.copy() });
      }
    }
  }
  return {
    size: first.size,
    bytes: bytes(),
    summary: () => ({ size: received, sha256: digest.copy().digest('hex') }),
    close: () => void current.body.destroy(),
  };
}

function isBroken(error: unknown): error is ConnectionLostError | TimeoutError {
  return error instanceof ConnectionLostError || error instanceof TimeoutError;
}

/** The bytes of an answer, which has to have as many as it said. */
async function* ended(answer: DownloadAnswer): AsyncGenerator<Uint8Array, void> {
  let count = 0;
  for await (const chunk of answer.body) {
    count += chunk.length;
    yield chunk;
  }
  if (answer.size !== null && count !== answer.size)
    throw new ConnectionLostError(`The download ended after ${count} of ${answer.size} bytes.`);
}

interface Received {
  received: number;
  digest: Hash;
}

/** What follows the bytes that are here. */
async function* continued(
  ask: (from?: number) => Promise<DownloadAnswer>,
  first: DownloadAnswer,
  { received, digest }: Received,
): AsyncGenerator<Uint8Array, void> {
  let answer = await ask(received === 0 ? undefined : received);
  if (answer.status === 206 && goesOn(first, answer, received)) return yield* ended(answer);
  if (answer.status === 206) {
    answer.body.destroy();
    answer = await ask();
  }
  yield* past(ended(answer), { received, digest });
}

/** Whether an answer is the rest of the same file: a server without a sign of it could be sending another one. */
function goesOn(first: DownloadAnswer, rest: DownloadAnswer, received: number): boolean {
  const sign = signOf(first.headers);
  const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(rest.headers['content-range'] ?? '');
  const isSameSize = first.size === null || Number(range?.[2]) === first.size;
  return sign !== undefined && sign === signOf(rest.headers) && Number(range?.[1]) === received && isSameSize;
}

/** RFC 9110 8.8: a weak tag and a time tell too little. */
function signOf(headers: IncomingHttpHeaders): string | undefined {
  return headers.etag?.startsWith('W/') ? undefined : headers.etag;
}

/** All but the first bytes, which have to be those that are here. */
async function* past(
  bytes: AsyncIterable<Uint8Array>,
  { received, digest }: Received,
): AsyncGenerator<Uint8Array, void> {
  const again = createHash('sha256');
  let left = received;
  for await (const chunk of bytes) {
    const known = Math.min(left, chunk.length);
    if (left > 0) {
      again.update(chunk.subarray(0, known));
      left -= known;
      if (left === 0) assertSame(again, digest);
    }
    if (known < chunk.length) yield chunk.subarray(known);
  }
  if (left > 0) assertSame(again, digest);
}

function assertSame(again: Hash, digest: Hash): void {
  if (again.digest('hex') !== digest.digest('hex'))
    throw new ChecksumError('The file on the server was changed while it was being downloaded.');
}
