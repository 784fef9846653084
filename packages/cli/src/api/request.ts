/** A request to the REST API as HTTP has it, and the answer as it came. */
import { randomUUID } from 'node:crypto';
import type { Access } from '../config/access.ts';
import { Failure } from '../failure.ts';
import type { Answer } from './problem.ts';

export interface ApiRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the gateway's address, e.g. `/api/v1/auth/keys`. */
  path: string;
  query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Other than JSON. */
  accept?: string;
  body?: object;
  timeoutMs?: number;
  /** Told when an attempt got no answer, or that of a broken server: it may have been carried out. */
  onLost?: () => void;
}

export interface ClientOptions {
  access: Access;
  version: string;
  /** Ends whatever is under way. */
  signal: AbortSignal;
  /** Milliseconds; only differences count. */
  now: () => number;
  /** Resolves after so many milliseconds, and rejects when the signal is raised. */
  delay: (ms: number) => Promise<void>;
  /** Told before a request is sent again. */
  onRepeat: (waitMs: number) => void;
}

export function headersOf(
  { method, body, accept = 'application/json' }: ApiRequest,
  { access, version }: ClientOptions,
): Record<string, string> {
  return {
    accept,
    authorization: `Bearer ${access.key.value}`,
    'user-agent': `hokusai-cli/${version}`,
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
  };
}

export function addressOf({ path, query = {} }: ApiRequest, { url }: Access): URL {
  const address = new URL(url.value + path);
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) address.searchParams.set(name, String(value));
  }
  return address;
}

export async function answerOf(response: Response): Promise<Answer> {
  const { status, headers } = response;
  const retryAfter = headers.get('retry-after') ?? '';
  return {
    status,
    text: await response.text(),
    location: headers.get('location'),
    link: headers.get('link'),
    contentType: headers.get('content-type') ?? '',
    retryAfterSeconds: /^\d{1,9}$/.test(retryAfter) ? Number(retryAfter) : undefined,
    requestId: headers.get('x-request-id') ?? undefined,
  };
}

export function cancelled({ method }: ApiRequest): Failure {
  const advice = ['What was asked for may have been done: look before asking again.'];
  return new Failure('cancelled', 'Cancelled.', method === 'GET' ? {} : { advice });
}
