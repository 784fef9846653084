import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import type { Logger } from '../config/logger.ts';
import type { CallOptions } from '../model/values.ts';
import type { JsonObject, JsonValue } from './json.ts';

export type QueryValue = string | number | bigint | boolean;
/** A list repeats its name; what is undefined is left out. */
export type Query = Readonly<Record<string, QueryValue | readonly QueryValue[] | undefined>>;

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below the tracking URI, encoded, e.g. `/api/2.0/mlflow/runs/get`. */
  path: string;
  query?: Query;
  body?: JsonValue;
  /**
   * Doing it twice is doing it once: it may be sent again when it may have been applied. If absent: true for GET, PUT and
   * DELETE, false for POST and PATCH.
   */
  isIdempotent?: boolean;
}

export interface UploadRequest {
  path: string;
  /** In bytes; if absent it goes in chunks, of a length that the server learns at the end. */
  size?: number;
  contentType?: string;
  /** Gives the bytes, from the first one, for each attempt. */
  open: () => Readable;
  /** False: `open` gives them once only, so there is one attempt unless none of them was read. */
  isRepeatable: boolean;
  /** How many more bytes were handed to the connection; begins anew, with a negative number, when an attempt does. */
  onBytes?: (count: number) => void;
}

export interface DownloadRequest {
  path: string;
  query?: Query;
  /** The byte to begin at, to go on with a download; status is 206 if the server does so, 200 if it begins at 0. */
  from?: number;
}

export interface DownloadAnswer {
  /** Errors of the connection while it is read are `MlPlatformError`s. Destroy it if it isn't read to its end. */
  body: Readable;
  /** Of the body, in bytes; null if the server doesn't say. */
  size: number | null;
  status: number;
  headers: IncomingHttpHeaders;
}

/** Requests below the tracking URI, with credentials, time-outs, retries and errors of the SDK. */
export interface HttpClient {
  /** Resolves with the answer's JSON object; an empty body is `{}`. */
  json(request: ApiRequest, options?: CallOptions): Promise<JsonObject>;
  upload(request: UploadRequest, options?: CallOptions): Promise<void>;
  /** Resolves when the answer's head is there. */
  download(request: DownloadRequest, options?: CallOptions): Promise<DownloadAnswer>;
  /** Closes idle connections; calls under way are not ended. */
  close(): void;
}

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds since some moment; never steps back. */
  elapsed(): number;
}

/** Resolves after so many milliseconds; rejects, with `AbortedError`, when the signal ends it. */
export type Delay = (milliseconds: number, signal?: AbortSignal) => Promise<void>;

export interface HttpClientDependencies {
  clock: Clock;
  delay: Delay;
  /** From 0 up to but not including 1. */
  random: () => number;
  logger: Logger;
}
