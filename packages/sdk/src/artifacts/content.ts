/** What an upload sends, measured as it goes. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { pipeline, Readable, Transform } from 'node:stream';
import { InvalidRequestError } from '../errors/errors.ts';
import type { Content } from '../model/artifact.ts';

/** Bytes to send. */
export interface Source {
  /** In bytes; undefined if nobody knows. */
  size: number | undefined;
  /** Gives the bytes from the first one. */
  open(): Readable;
  /** Whether `open` can be called again. */
  isRepeatable: boolean;
}

/** So that progress is told of texts and bytes, too. */
const PIECE_BYTES = 64 * 1024;

/** As long as the file is now: bytes that are added to it while it goes are not sent. */
export async function fileSource(localPath: string): Promise<Source> {
  const found = await stat(localPath);
  if (!found.isFile()) throw new InvalidRequestError(`${localPath} is not a file.`);
  const { size } = found;
  const open = () => (size === 0 ? Readable.from([]) : createReadStream(localPath, { end: size - 1 }));
  return { size, open, isRepeatable: true };
}

export function contentSource(content: Content, size?: number): Source {
  if (content instanceof Readable) return { size, open: () => content, isRepeatable: false };
  if (typeof content === 'string' || content instanceof Uint8Array) {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    checkSize(size, bytes.length);
    return {
      size: bytes.length,
      open: () => Readable.from(pieces(bytes)),
      isRepeatable: true,
    };
  }
  if (!isIterable(content))
    throw new InvalidRequestError(
      'The content of an artifact is text, bytes (a Uint8Array), or a stream or async iterable of bytes.',
    );
  return { size, open: () => Readable.from(content), isRepeatable: false };
}

function isIterable(content: unknown): boolean {
  return typeof content === 'object' && content !== null && Symbol.asyncIterator in content;
}

function* pieces(bytes: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += PIECE_BYTES) {
    yield bytes.subarray(start, start + PIECE_BYTES);
  }
}

export interface Measured {
  /** Size in bytes, and SHA-256 in hexadecimal, of what went in the last attempt. */
  summary(): { size: number; sha256: string };
  open(): Readable;
}

/** The source's bytes, measured; a stream that is longer or shorter than its size fails. */
export function measured(source: Source): Measured {
  let digest: Hash = createHash('sha256');
  let count = 0;
  const open = () => {
    digest = createHash('sha256');
    count = 0;
    const meter = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        count += chunk.length;
        digest.update(chunk);
        if (source.size !== undefined && count > source.size) done(wrongSize(source.size, count));
        else done(null, chunk);
      },
      flush(done) {
        done(source.size === undefined || count === source.size ? null : wrongSize(source.size, count));
      },
    });
    return pipeline(source.open(), meter, () => undefined);
  };
  return { open, summary: () => ({ size: count, sha256: digest.digest('hex') }) };
}

function checkSize(size: number | undefined, actual: number): void {
  if (size !== undefined && size !== actual) throw wrongSize(size, actual);
}

function wrongSize(size: number, actual: number): InvalidRequestError {
  return new InvalidRequestError(
    `The content has ${actual} bytes${actual > size ? ' or more' : ''}, not ${size} as was said, or was changed while it went.`,
  );
}
