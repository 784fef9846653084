import type { Answer, Fault } from './fault-server.ts';

const problem = (status: number, members: Record<string, unknown> = {}, headers = {}): Answer => ({
  status,
  headers,
  body: JSON.stringify({
    error_code: 'SOMETHING',
    message: `It said ${status}`,
    request_id: 'req-1',
    ...members,
  }),
});

const page = (status: number, title: string): Answer => ({
  status,
  headers: { 'Content-Type': 'text/html' },
  body: `<!doctype html><html><head><title>${title}</title></head><body>${'x'.repeat(500)}</body></html>`,
});

/** What becomes of a call that meets a fault once, and after that a server that answers. */
type Outcome = 'recovers' | 'recovers-if-repeatable' | 'fails';

interface FaultCase {
  fault: Fault;
  /** Of the error, when the fault lasts, or when the call may not be repeated. */
  code: string;
  once: Outcome;
}

/** By name; each is tried with each call of the SDK. */
export const FAULTS: Readonly<Record<string, FaultCase>> = {
  'it hangs': { fault: 'hang', code: 'TIMEOUT', once: 'recovers-if-repeatable' },
  'it resets': { fault: 'reset', code: 'CONNECTION_LOST', once: 'recovers-if-repeatable' },
  '429 with Retry-After': {
    fault: problem(429, {}, { 'Retry-After': '7' }),
    code: 'RATE_LIMITED',
    once: 'recovers',
  },
  '429 without': { fault: problem(429), code: 'RATE_LIMITED', once: 'recovers' },
  '429 for an hour': {
    fault: problem(429, {}, { 'Retry-After': '3600' }),
    code: 'RATE_LIMITED',
    once: 'fails',
  },
  '503 with Retry-After': {
    fault: problem(503, {}, { 'Retry-After': '5' }),
    code: 'SERVER_ERROR',
    once: 'recovers',
  },
  '503 without': { fault: problem(503), code: 'SERVER_ERROR', once: 'recovers-if-repeatable' },
  '500': { fault: problem(500), code: 'SERVER_ERROR', once: 'recovers-if-repeatable' },
  '502 as a web page': {
    fault: page(502, 'Bad gateway'),
    code: 'SERVER_ERROR',
    once: 'recovers-if-repeatable',
  },
  '401': { fault: problem(401, { error_code: 'UNAUTHENTICATED' }), code: 'AUTHENTICATION', once: 'fails' },
  '403': {
    fault: problem(403, { error_code: 'PERMISSION_DENIED', type: 'urn:hokusai:error:scope_missing' }),
    code: 'PERMISSION_DENIED',
    once: 'fails',
  },
  'a head that is too large': {
    fault: { status: 200, headers: { 'X-Long': 'x'.repeat(100_000) }, body: '{}' },
    code: 'UNEXPECTED_ANSWER',
    once: 'fails',
  },
  'a redirect': {
    fault: { status: 302, headers: { Location: 'https://user:secret@login.example/?next=secret' } },
    code: 'UNEXPECTED_ANSWER',
    once: 'fails',
  },
};

/** Of calls that read JSON; a download's bytes can be anything. */
export const JSON_FAULTS: Readonly<Record<string, FaultCase>> = {
  'it hangs in mid-body': { fault: 'hang-in-body', code: 'TIMEOUT', once: 'recovers-if-repeatable' },
  'it resets in mid-body': {
    fault: 'reset-in-body',
    code: 'CONNECTION_LOST',
    once: 'recovers-if-repeatable',
  },
  'a web page': { fault: page(200, 'Sign in'), code: 'UNEXPECTED_ANSWER', once: 'fails' },
  'a web page, not found': { fault: page(404, 'Not Found'), code: 'UNEXPECTED_ANSWER', once: 'fails' },
  'truncated JSON': {
    fault: { status: 200, body: '{"run": {"info": {"run_id": "12' },
    code: 'UNEXPECTED_ANSWER',
    once: 'fails',
  },
};
