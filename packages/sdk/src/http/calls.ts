import type { IncomingMessage } from 'node:http';
import type { ResolvedConfig } from '../config/config.ts';
import { UnexpectedAnswerError } from '../errors/errors.ts';
import type { CallOptions } from '../model/values.ts';
import { VERSION } from '../version.ts';
import { requestPath } from './address.ts';
import { answerFailure, plain } from './answer-failure.ts';
import type { Call } from './connection-failure.ts';
import { Exchange, type OutgoingHead, type Server } from './exchange.ts';
import { FailedAttempt } from './failed-attempt.ts';
import { type JsonObject, parseJson, stringifyJson } from './json.ts';
import { readText } from './read-text.ts';
import { receivedBody } from './received-body.ts';
import { withRetries } from './retrying.ts';
import { sendStream } from './send-body.ts';
import type {
  ApiRequest,
  DownloadAnswer,
  DownloadRequest,
  HttpClientDependencies,
  UploadRequest,
} from './types.ts';

export interface CallContext {
  config: ResolvedConfig;
  dependencies: HttpClientDependencies;
  server: Server;
}

type Headers = OutgoingHead['headers'];

export function jsonCall(
  context: CallContext,
  request: ApiRequest,
  options: CallOptions,
): Promise<JsonObject> {
  const { method, path, query, body } = request;
  const bytes = body === undefined ? undefined : Buffer.from(stringifyJson(body), 'utf8');
  const headers: Headers =
    bytes === undefined ? {} : { 'Content-Type': 'application/json', 'Content-Length': bytes.length };
  const call = callOf(context, method, path);
  const isIdempotent = request.isIdempotent ?? (method !== 'POST' && method !== 'PATCH');
  return retried(context, call, isIdempotent, options, async () => {
    const exchange = begin(
      context,
      { method, path: requestPath(context.config.trackingUri, path, query), headers },
      options,
      call,
    );
    exchange.onConnected(() => undefined);
    exchange.request.end(bytes);
    return await finished(exchange, async (response) => {
      const text = await readText(response, exchange);
      if (isError(response)) throw failureOf(context, response, text, call, false);
      return readObject(text, response, call, (said) => context.config.credentials.redact(said));
    });
  });
}

export async function uploadCall(
  context: CallContext,
  request: UploadRequest,
  options: CallOptions,
): Promise<void> {
  const {
    path,
    size,
    contentType = 'application/octet-stream',
    isRepeatable,
    onBytes = () => undefined,
  } = request;
  const call = callOf(context, 'PUT', path);
  const headers: Headers = {
    'Content-Type': contentType,
    ...(size === undefined ? {} : { 'Content-Length': size }),
  };
  const timeoutMs = options.timeoutMs ?? context.config.timeoutMs;
  let isOpened = false;
  const open = () => {
    isOpened = true;
    return request.open();
  };
  let sent = 0;
  const count = (bytes: number) => {
    sent += bytes;
    onBytes(bytes);
  };
  await retried(context, call, isRepeatable, options, async () => {
    if (sent > 0) count(-sent);
    const head = { method: 'PUT', path: requestPath(context.config.trackingUri, path), headers };
    const exchange = begin(context, head, options, call);
    sendStream(exchange, { open, size, onBytes: count, timeoutMs });
    try {
      await finished(exchange, async (response) => {
        const text = await readText(response, exchange);
        if (isError(response)) throw failureOf(context, response, text, call, true);
        const isWhole = size === undefined ? exchange.request.writableEnded : sent === size;
        if (!isWhole) throw answeredEarly(response, call);
      });
    } catch (failed) {
      // What was read of a stream is gone: what a next attempt sent would be short, or empty.
      if (failed instanceof FailedAttempt && isOpened && !isRepeatable)
        throw new FailedAttempt(failed.error, { kind: 'permanent' });
      throw failed;
    }
  });
}

function answeredEarly({ statusCode }: IncomingMessage, { server, name }: Call): FailedAttempt {
  const message = `${server} answered ${name} with success before it had the whole file`;
  return new FailedAttempt(new UnexpectedAnswerError(message, { status: statusCode }), { kind: 'permanent' });
}

export function downloadCall(
  context: CallContext,
  { path, query, from }: DownloadRequest,
  options: CallOptions,
): Promise<DownloadAnswer> {
  const call = callOf(context, 'GET', path);
  const headers: Headers = { ...(from === undefined ? {} : { Range: `bytes=${from}-` }) };
  return retried(context, call, true, options, async () => {
    const head = { method: 'GET', path: requestPath(context.config.trackingUri, path, query), headers };
    const exchange = begin(context, head, options, call);
    exchange.onConnected(() => undefined);
    exchange.request.end();
    const response = await exchange.head;
    if (isError(response))
      return await finished(exchange, async () => {
        throw failureOf(context, response, await readText(response, exchange), call, true);
      });
    const length = response.headers['content-length'];
    const timeoutMs = options.timeoutMs ?? context.config.timeoutMs;
    return {
      body: receivedBody(response, exchange, timeoutMs),
      size: length === undefined ? null : Number(length),
      status: response.statusCode ?? 0,
      headers: response.headers,
    };
  });
}

function callOf({ config }: CallContext, method: string, path: string): Call {
  const { host, href } = config.trackingUri;
  return { server: host, base: href.replace(/\/+$/, ''), name: `${method} ${path}` };
}

function retried<Result>(
  { config, dependencies }: CallContext,
  { name }: Call,
  isIdempotent: boolean,
  { signal }: CallOptions,
  attempt: () => Promise<Result>,
): Promise<Result> {
  return withRetries({ name, isIdempotent, bounds: config, signal }, dependencies, attempt);
}

function begin(
  { config, server }: CallContext,
  head: OutgoingHead,
  options: CallOptions,
  call: Call,
): Exchange {
  const authorization = config.credentials.authorization();
  const headers = {
    Accept: 'application/json',
    'User-Agent': `hokusai-ml-platform/${VERSION} node/${process.versions.node}`,
    ...(authorization === undefined ? {} : { Authorization: authorization }),
    ...head.headers,
  };
  const limits = { timeoutMs: options.timeoutMs ?? config.timeoutMs, signal: options.signal };
  return new Exchange(server, { ...head, headers }, limits, call);
}

/** What `read` makes of the answer; then the connection is free for the next request, or gone. */
async function finished<Result>(
  exchange: Exchange,
  read: (response: IncomingMessage) => Promise<Result>,
): Promise<Result> {
  try {
    return await read(await exchange.head);
  } finally {
    exchange.release();
    if (!exchange.request.writableEnded) exchange.request.destroy();
  }
}

function isError({ statusCode = 0 }: IncomingMessage): boolean {
  return statusCode >= 300;
}

function failureOf(
  { config, dependencies }: CallContext,
  { statusCode = 0, headers }: IncomingMessage,
  text: string,
  call: Call,
  isTransfer: boolean,
): FailedAttempt {
  const redact = (said: string) => config.credentials.redact(said);
  return answerFailure(
    { status: statusCode, headers, text, isTransfer },
    call,
    dependencies.clock.now(),
    redact,
  );
}

function readObject(
  text: string,
  { statusCode }: IncomingMessage,
  call: Call,
  redact: (text: string) => string,
): JsonObject {
  if (text.trim() === '') return {};
  try {
    const value = parseJson(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch (error) {
    // A RangeError is of a nesting that is too deep.
    if (!(error instanceof SyntaxError || error instanceof RangeError)) throw error;
  }
  const details = { status: statusCode };
  const what = /^\s*</.test(text) ? redact(plain(text)).slice(0, 200) : 'something that is not whole JSON';
  throw new FailedAttempt(
    new UnexpectedAnswerError(`${call.base} answered ${call.name} with ${what}`, details),
    { kind: 'permanent' },
  );
}
