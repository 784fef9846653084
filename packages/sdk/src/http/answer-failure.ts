import type { IncomingHttpHeaders } from 'node:http';
import {
  AlreadyExistsError,
  AuthenticationError,
  type ErrorDetails,
  InvalidRequestError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitedError,
  ServerError,
  TimeoutError,
  UnexpectedAnswerError,
} from '../errors/errors.ts';
import type { Call } from './connection-failure.ts';
import { FailedAttempt } from './failed-attempt.ts';
import { type JsonValue, parseJson } from './json.ts';
import { readRetryAfter } from './retry-after.ts';

export interface ErrorAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** As much of the body as was read. */
  text: string;
  /** A 404 that isn't MLflow's own means that the file isn't there, not that the address is wrong. */
  isTransfer: boolean;
}

/** What the body of an error says, as far as it can be understood. */
interface Said {
  message: string;
  errorCode: string | undefined;
  /** The gateway's. */
  reason: string | undefined;
  requestId: string | undefined;
  isJson: boolean;
}

type Details = ErrorDetails & { retryAfterMs?: number | undefined; reason?: string | undefined };

const LONGEST_MESSAGE = 2000;
/** What MLflow 2 answers with 500: the words of its artifact store, on a disk or in S3. */
const MISSING_FILE = /\[Errno 2\] No such file or directory|\bNoSuchKey\b|\(404\) when calling/;
/** MLflow says it with 500: e.g. that what is to be deleted is deleted already. */
const RULE_BROKEN = 'INVALID_STATE';
/** What MLflow adds of its database's own words: the exception, the statement with its values, where to read about it. */
const OF_A_DATABASE =
  /\s*(?:Error:\s*)?\((?:raised as a result of|(?:[\w]+\.)+\w*(?:Error|Violation)\)).*$|\s*\[SQL: .*$/s;
const UNKNOWN_ADDRESS = ['ENDPOINT_NOT_FOUND', 'unknown_route'];

/** The error that an answer with a status from 300 on stands for. `redact` removes secrets from what the server says. */
export function answerFailure(
  answer: ErrorAnswer,
  call: Call,
  nowMs: number,
  redact: (text: string) => string,
): FailedAttempt {
  const { status, headers } = answer;
  const said = readBody(answer.text);
  const retryAfterMs = readRetryAfter(headers['retry-after'], nowMs);
  const details: Details = {
    status,
    errorCode: said.errorCode,
    requestId: said.requestId ?? headerText(headers['x-request-id']),
    reason: said.reason,
    retryAfterMs,
  };
  const wait =
    retryAfterMs === undefined ? '' : `; the server asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
  const message = redact(messageOf(said, status, call));
  if (status === 500 && call.name.startsWith('GET ') && answer.isTransfer && MISSING_FILE.test(message))
    return new FailedAttempt(new NotFoundError(message, details), { kind: 'permanent' });
  const error = errorOf(answer, said, `${message}${wait}`, details, call);
  const isRule = said.errorCode === RULE_BROKEN;
  return new FailedAttempt(error, isRule ? { kind: 'permanent' } : { kind: 'status', status, retryAfterMs });
}

/** Who has answered, unless it is the server itself that speaks: a proxy's page does not say where it comes from. */
function messageOf({ message, isJson }: Said, status: number, { base, name }: Call): string {
  if (isJson && message !== '') return message;
  const said = message === '' ? '' : `: ${message}`;
  return `${base} answered ${status} to ${name}${said}`;
}

function errorOf(answer: ErrorAnswer, said: Said, message: string, details: Details, call: Call): Error {
  const { status } = answer;
  if (status < 400) return redirectError(answer, details, call);
  if (isUnknownAddress(answer, said))
    return new UnexpectedAnswerError(`${call.base} has nothing at the address of ${call.name}: 404`, details);
  if (said.errorCode === 'RESOURCE_DOES_NOT_EXIST') return new NotFoundError(message, details);
  if (said.errorCode === 'RESOURCE_ALREADY_EXISTS')
    return new AlreadyExistsError(message.replace(OF_A_DATABASE, ''), details);
  if (status === 401) return new AuthenticationError(message, details);
  if (status === 403) return new PermissionDeniedError(message, details);
  if (status === 404) return new NotFoundError(message, details);
  if (status === 408) return new TimeoutError(message, details);
  if (status === 429) return new RateLimitedError(message, details);
  if (status === 501 || said.errorCode === RULE_BROKEN)
    return new ServerError(message, { ...details, canRetry: false });
  return status >= 500 ? new ServerError(message, details) : new InvalidRequestError(message, details);
}

function isUnknownAddress({ status, isTransfer }: ErrorAnswer, said: Said): boolean {
  if (status !== 404) return false;
  const says = [said.errorCode, said.reason].some(
    (word) => word !== undefined && UNKNOWN_ADDRESS.includes(word),
  );
  return says || (!said.isJson && !isTransfer);
}

function redirectError({ status, headers }: ErrorAnswer, details: Details, call: Call): Error {
  const location = headers.location?.replace(/[?#].*$/, '').replace(/\/\/[^/]*@/, '//');
  const where = location === undefined ? '' : ` to ${location}`;
  return new UnexpectedAnswerError(
    `${call.base} redirects${where} with ${status}, which an MLflow server never does (${call.name})`,
    details,
  );
}

function readBody(text: string): Said {
  const body = tryJson(text);
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    return {
      message: plain(text),
      errorCode: undefined,
      reason: undefined,
      requestId: undefined,
      isJson: false,
    };
  const member = (name: string) => {
    const value = (body as Record<string, JsonValue>)[name];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  return {
    message: short(member('message') ?? member('detail') ?? member('error_code') ?? ''),
    errorCode: member('error_code'),
    reason: /^urn:hokusai:error:(\w+)$/.exec(member('type') ?? '')?.[1],
    requestId: member('request_id'),
    isJson: true,
  };
}

function tryJson(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** Of a web page, its title. */
export function plain(text: string): string {
  if (!/<(!doctype|html|head|body|title)\b/i.test(text)) return short(text);
  const title = /<title[^>]*>([^<]*)<\/title>/i.exec(text)?.[1]?.trim();
  return title ? `a web page, "${short(title)}"` : 'a web page';
}

function short(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE)}…` : line;
}

function headerText(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
