import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ChecksumError } from '../errors/errors.ts';
import type { DownloadOptions, TransferOptions, TransferredFile } from '../model/artifact.ts';
import { followed } from './pool.ts';
import { type Incoming, type ReceiveDependencies, receive } from './receive.ts';

/** A file on the server. */
export interface RemoteFile {
  /** Relative to the run's artifacts. */
  path: string;
  /** Below the tracking URI, encoded. */
  endpoint: string;
}

/** The bytes as they come; the connection ends with the stream. */
export async function openFile(
  dependencies: ReceiveDependencies,
  file: RemoteFile,
  options: TransferOptions = {},
): Promise<Readable> {
  const { controller, release } = followed(options.signal);
  const incoming = await receive(dependencies, file.endpoint, {
    ...options,
    signal: controller.signal,
  }).catch((error: unknown) => {
    release();
    throw error;
  });
  const bytes = told(file.path, incoming, options);
  return new Readable({
    read() {
      bytes.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      );
    },
    destroy(error, callback) {
      // Whoever waits for the next bytes does not get them: without this, neither would the connection end.
      controller.abort();
      incoming.close();
      release();
      bytes.return().then(
        () => callback(error),
        () => callback(error),
      );
    },
  });
}

/** Into a file beside the target, renamed when it is complete. */
export async function downloadFile(
  dependencies: ReceiveDependencies,
  file: RemoteFile,
  localPath: string,
  options: DownloadOptions = {},
): Promise<TransferredFile> {
  const incoming = await receive(dependencies, file.endpoint, options);
  const folder = dirname(localPath);
  const partial = join(folder, `.${randomUUID()}.part`);
  try {
    await mkdir(folder, { recursive: true });
    await pipeline(told(file.path, incoming, options), createWriteStream(partial, { flags: 'wx' }));
    const { size, sha256 } = incoming.summary();
    checkSum(file.path, sha256, options.sha256);
    await rename(partial, localPath);
    return { path: file.path, size, sha256 };
  } catch (error) {
    incoming.close();
    await rm(partial, { force: true });
    throw error;
  }
}

function checkSum(path: string, sha256: string, expected: string | undefined): void {
  if (expected !== undefined && expected.toLowerCase() !== sha256)
    throw new ChecksumError(
      `The artifact ${JSON.stringify(path)} has the SHA-256 ${sha256}, not ${expected} as expected: it is not kept.`,
    );
}

/** The same bytes, with `onProgress` told of them. */
async function* told(
  path: string,
  { bytes, size }: Incoming,
  { onProgress }: TransferOptions,
): AsyncGenerator<Uint8Array, void> {
  let transferred = 0;
  for await (const chunk of bytes) {
    transferred += chunk.length;
    yield chunk;
    onProgress?.({ path, transferred, size });
  }
  onProgress?.({ path, transferred, size: transferred });
}
