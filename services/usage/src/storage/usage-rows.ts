/** Rows of requests, in the text form of Postgres' COPY, with values that it can hold. */
import type { UsageRequest } from '@hokusai/contracts';
import type { DatedBatch } from '../domain/messages.ts';
import { usageIds } from '../domain/usage-id.ts';

export const USAGE_COLUMNS = [
  ...['id', 'timestamp', 'api_key_id', 'user_id', 'secret_prefix', 'upstream', 'endpoint', 'method'],
  ...['status_code', 'refusal', 'response_time_ms', 'first_byte_ms', 'bytes_in', 'bytes_out', 'client_ip'],
  ...['user_agent_family', 'request_id', 'trace_id', 'incarnation', 'sequence'],
];

const NULL = '\\N';

/** One line of COPY for each request, in the order of `USAGE_COLUMNS`. */
export function usageLines({ incarnation, requests, startsMs }: DatedBatch): string {
  const idOf = usageIds(incarnation);
  let lines = '';
  for (const [index, request] of requests.entries()) {
    const startMs = startsMs[index] as number;
    const time = new Date(startMs).toISOString();
    lines += `${idOf(startMs, request.sequence)}\t${time}\t${valuesOf(request)}\t${incarnation}\t${request.sequence}\n`;
  }
  return lines;
}

/** From `api_key_id` to `trace_id`. */
function valuesOf(request: UsageRequest): string {
  const { key_id, user_id, status_code, response_time_ms, first_byte_ms, bytes_in, bytes_out } = request;
  const from = `${text(request.secret_prefix)}\t${text(request.upstream)}\t${text(request.endpoint)}\t${text(request.method)}`;
  const result = `${status_code}\t${textOrNull(request.refusal)}\t${response_time_ms}\t${first_byte_ms ?? NULL}\t${bytes_in}\t${bytes_out}`;
  const by = `${text(request.client_ip)}\t${text(request.user_agent_family)}\t${text(request.request_id)}\t${textOrNull(request.trace_id)}`;
  return `${key_id}\t${user_id}\t${from}\t${result}\t${by}`;
}

function textOrNull(value: string | null): string {
  return value === null ? NULL : text(value);
}

/** Printable ASCII without the backslash: what needs no look at its letters. */
const PLAIN = /^[ -[\]-~]*$/;
/** Backslash, tab, line feed and carriage return mean something in COPY's text form. */
const SPECIAL = /[\\\t\n\r]/g;
const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

function text(value: string): string {
  return PLAIN.test(value)
    ? value
    : storable(value).replace(SPECIAL, (character) => ESCAPES[character] as string);
}

/** Postgres refuses NUL and broken surrogates in texts: one of them must not cost a whole batch. */
export function storable(value: string): string {
  return value.toWellFormed().replaceAll('\0', '\uFFFD');
}
