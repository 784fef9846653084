import type { Readable } from 'node:stream';
import type { CallOptions, Search } from './values.ts';

export interface ArtifactInfo {
  /** Relative to the run's artifacts, with `/`. */
  path: string;
  isFolder: boolean;
  /** In bytes; null for folders. */
  size: number | null;
}

export interface TransferProgress {
  /** Of the file, relative to the run's artifacts. */
  path: string;
  /** Bytes that have gone or come. */
  transferred: number;
  /** Bytes in all; null if not known. */
  size: number | null;
}

export interface TransferOptions extends CallOptions {
  /** Called as bytes go or come, and once at the end of each file. */
  onProgress?: (progress: TransferProgress) => void;
}

/** One file that has gone or come. */
export interface TransferredFile {
  path: string;
  size: number;
  /** SHA-256 of the bytes as they went or came, in hexadecimal. */
  sha256: string;
}

export interface DownloadOptions extends TransferOptions {
  /** SHA-256 in hexadecimal, of a single file: bytes with another one are not kept, and `ChecksumError` is thrown. */
  sha256?: string;
}

/** What is uploaded: text, bytes, or bytes as they come. A stream can't be sent a second time. */
export type Content = string | Uint8Array | Readable | AsyncIterable<Uint8Array>;

/**
 * The artifacts of a run, in memory that does not grow with their size. Paths are relative to the run's artifacts, with
 * `/`; one that leads out of them (`..`, an absolute one) is refused with `InvalidRequestError`, sent or received.
 */
export interface RunArtifacts {
  /** One file into a folder of the run's artifacts, the topmost if absent, under its own name. */
  uploadFile(localPath: string, folder?: string, options?: TransferOptions): Promise<TransferredFile>;
  /** All files below a folder; symbolic links are followed to files, not to folders. */
  uploadFolder(
    localFolder: string,
    folder?: string,
    options?: TransferOptions,
  ): Promise<readonly TransferredFile[]>;
  /** Under exactly that path. `size` in bytes lets a stream go with its length. */
  upload(
    path: string,
    content: Content,
    options?: TransferOptions & { size?: number },
  ): Promise<TransferredFile>;
  /** What one folder holds, the topmost if absent. */
  list(folder?: string, options?: CallOptions): Search<ArtifactInfo>;
  /** The bytes of one file, as they come. Rejects with `NotFoundError`. */
  open(path: string, options?: TransferOptions): Promise<Readable>;
  /** One file; it is there only when it is complete. */
  downloadFile(path: string, localPath: string, options?: DownloadOptions): Promise<TransferredFile>;
  /** All files below a folder of the run's artifacts, the topmost if empty, into a local one. */
  downloadFolder(
    folder: string,
    localFolder: string,
    options?: TransferOptions,
  ): Promise<readonly TransferredFile[]>;
}
