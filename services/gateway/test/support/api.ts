/** The management API, in front of services that answer as they are told. */
import { startGateway, type TestGateway } from './gateway.ts';
import type { TestKey } from './key.ts';

const EMPTY = {
  ...{ key: null, keys: [], user: null, users: [], nextCursor: '', receipt: null },
  ...{ event: null, events: [], checkpoints: [], signers: [], witnesses: [], hasMore: false },
  ...{ totals: null, buckets: [], endpoints: [], entries: [], complete: true, incarnations: [] },
};

export interface Ask {
  /** The gateway's own if left out; null: none. */
  key?: TestKey | null;
  /** A text or bytes are sent as they are. */
  body?: unknown;
  headers?: Record<string, string>;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  json: Record<string, unknown>;
}

export interface TestApi {
  gateway: TestGateway;
  /** What the services were asked, oldest first. */
  calls: { method: string; request: Record<string, unknown> }[];
  /** What they answer from now on; absent parts are empty. */
  answer: () => object;
  isReady: boolean;
  ask(method: string, path: string, asked?: Ask): Promise<Answer>;
  close(): Promise<void>;
}

export async function startApi(options: { trustedProxies?: string[] } = {}): Promise<TestApi> {
  const gateway = await startGateway({
    ...options,
    // Nothing here goes to MLflow.
    upstreamUrl: 'http://127.0.0.1:9',
    isReady: () => api.isReady,
    manage: (method, request) => {
      api.calls.push({ method, request: { ...request } });
      const answer = api.answer();
      return Symbol.asyncIterator in answer ? answer : { ...EMPTY, ...answer };
    },
  });
  const api: TestApi = {
    gateway,
    calls: [],
    answer: () => ({}),
    isReady: true,
    ask: (method, path, asked = {}) => ask(gateway, method, path, asked),
    close: () => gateway.close(),
  };
  return api;
}

async function ask(
  gateway: TestGateway,
  method: string,
  path: string,
  { key = gateway.key, body, headers }: Ask,
): Promise<Answer> {
  const isAsItIs = typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(`${gateway.url}${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(key && { authorization: `Bearer ${key.key}` }),
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: isAsItIs ? (body as string) : JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = text !== '' && /[/+]json\b/.test(response.headers.get('content-type') ?? '');
  const { status, headers: answered } = response;
  return { status, headers: answered, text, json: isJson ? JSON.parse(text) : {} };
}

/** The stable end of a problem's type. */
export function reasonOf({ json }: Pick<Answer, 'json'>): string {
  return String(json['type']).replace('urn:hokusai:error:', '');
}

/** The paths of the violations, sorted. */
export function pathsOf({ json }: Pick<Answer, 'json'>): string[] {
  const violations = (json['violations'] ?? []) as { path: string }[];
  return violations.map(({ path }) => path).toSorted();
}
