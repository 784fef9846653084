/** A client of the public REST API. */
import type { z } from 'zod';
import type { Access } from '../config/access.ts';
import { Failure } from '../failure.ts';
import { isDropped, timedOut, unreachable } from './network.ts';
import { type Answer, failureOf, notTheGateway, parseJson, parseProblem } from './problem.ts';
import { type ApiRequest, addressOf, answerOf, type ClientOptions, cancelled, headersOf } from './request.ts';
import { type Outcome, repeatAfterMs } from './retry.ts';
import { openStream } from './stream.ts';

export type { ApiRequest } from './request.ts';

const TIMEOUT_MS = 30_000;
const CSV = 'text/csv';

/** What the gateway answered: checked, and as it came. */
export interface ApiResult<Value> {
  value: Value;
  json: string;
}

export interface ApiClient {
  access: Access;
  /**
   * Throws Failure. A POST gets an Idempotency-Key of its own; what can be sent twice without being done
   * twice is sent again where the connection broke off, or the gateway asks for that.
   */
  send<Schema extends z.ZodType>(schema: Schema, request: ApiRequest): Promise<ApiResult<z.infer<Schema>>>;
  /**
   * The bytes of an answer of any length, as they come. Throws Failure, also where they break off; it is asked for
   * once.
   */
  stream(request: Pick<ApiRequest, 'path' | 'query' | 'accept'>): AsyncIterable<Uint8Array>;
  /** The answer as a table. Throws Failure. */
  sendForCsv(request: ApiRequest): Promise<CsvPage>;
}

/** A page of a list, in CSV. */
export interface CsvPage {
  text: string;
  /** null at the end. */
  nextCursor: string | null;
}

export function createClient(options: ClientOptions): ApiClient {
  const { access } = options;
  async function succeed(request: ApiRequest): Promise<Answer> {
    const answer = await sendUntilFinal(request, options);
    if (answer.status < 200 || answer.status > 299) throw failureOf(answer, access);
    return answer;
  }
  return {
    access,
    async send(schema, request) {
      const answer = await succeed(request);
      const result = schema.safeParse(parseJson(answer.text));
      if (!result.success) throw unexpected(answer, access, result.error);
      return { value: result.data, json: answer.text };
    },
    stream: (request) => openStream({ ...request, method: 'GET' }, options),
    async sendForCsv(request) {
      const answer = await succeed({ ...request, accept: CSV });
      if (!answer.contentType.startsWith(CSV)) throw notTheGateway(answer, access);
      return { text: answer.text, nextCursor: nextCursorOf(answer.link) };
    },
  };
}

/** Of the link to the next page (RFC 8288). */
function nextCursorOf(link: string | null): string | null {
  const [, query] = /^<\?([^>]*)>; rel="next"$/.exec(link ?? '') ?? [];
  return new URLSearchParams(query).get('cursor');
}

async function sendUntilFinal(request: ApiRequest, options: ClientOptions): Promise<Answer> {
  const headers = headersOf(request, options);
  const begunAtMs = options.now();
  for (let repetitions = 0; ; repetitions += 1) {
    const attempt = await attemptOnce(request, headers, options);
    if ('failure' in attempt || attempt.answer.status >= 500) request.onLost?.();
    const waitMs = isRepeatable(request)
      ? repeatAfterMs(outcomeOf(attempt), repetitions, options.now() - begunAtMs)
      : undefined;
    if (waitMs === undefined) {
      if ('answer' in attempt) return attempt.answer;
      throw attempt.failure;
    }
    options.onRepeat(waitMs);
    await options.delay(waitMs);
  }
}

/** `if_version` would make the second one fail where the first succeeded. */
function isRepeatable({ method, body }: ApiRequest): boolean {
  return method !== 'PATCH' || !('if_version' in (body ?? {}));
}

/** An answer of any status, or a connection that broke off. Everything else is thrown. */
type Attempt = { answer: Answer } | { failure: Failure };

async function attemptOnce(
  request: ApiRequest,
  headers: Record<string, string>,
  { access, signal }: ClientOptions,
): Promise<Attempt> {
  const { method, body, timeoutMs = TIMEOUT_MS } = request;
  const limit = new AbortController();
  const cancel = () => limit.abort();
  const timer = setTimeout(cancel, timeoutMs);
  signal.addEventListener('abort', cancel);
  try {
    const response = await fetch(addressOf(request, access), {
      method,
      headers,
      redirect: 'manual',
      signal: limit.signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { answer: await answerOf(response) };
  } catch (error) {
    if (limit.signal.aborted) {
      request.onLost?.();
      throw signal.aborted ? cancelled(request) : timedOut(access.url, timeoutMs);
    }
    const failure = unreachable(error, access.url);
    if (!isDropped(error)) throw failure;
    return { failure };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

function outcomeOf(attempt: Attempt): Outcome {
  if ('failure' in attempt) return { kind: 'dropped' };
  const { status, retryAfterSeconds, text } = attempt.answer;
  return { kind: 'answered', status, retryAfterSeconds, type: parseProblem(text)?.type };
}

/** JSON of another kind is a newer gateway's at best; anything else comes from something else. */
function unexpected(answer: Answer, access: Access, cause: z.ZodError): Failure {
  if (parseJson(answer.text) === undefined) return notTheGateway(answer, access);
  const fields = cause.issues.map(({ path }) => path.join('.') || '(the whole)').slice(0, 3);
  return new Failure('internal', `The gateway's answer is not what was expected, at ${fields.join(', ')}.`, {
    advice: ['The command may be too old for this gateway, or the gateway for the command.'],
    requestId: answer.requestId,
    cause,
  });
}
