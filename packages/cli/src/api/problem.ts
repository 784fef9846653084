/** Answers that are no success, as failures that say what to do next. */
import { z } from 'zod';
import type { Access } from '../config/access.ts';
import { Failure, type FailureKind } from '../failure.ts';

/** RFC 9457, as far as it is read here. */
const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  detail: z.string(),
  request_id: z.string().optional(),
  violations: z.array(z.looseObject({ path: z.string(), message: z.string() })).optional(),
});

export type Problem = z.infer<typeof problemSchema>;

export interface Answer {
  status: number;
  text: string;
  location: string | null;
  /** Of the header Link. */
  link: string | null;
  contentType: string;
  retryAfterSeconds: number | undefined;
  requestId: string | undefined;
}

/** undefined if the text is not the gateway's kind of error. */
export function parseProblem(text: string): Problem | undefined {
  return problemSchema.safeParse(parseJson(text)).data;
}

/** undefined if it can't be read. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Options that can't be guessed from the fields that they become. */
const OPTIONS: ReadonlyMap<string, string> = new Map([
  ['allowed_ips', '--allow-ip'],
  ['burst_limit', '--burst'],
  ['client_ip', '--ip'],
  ['burst_window_seconds', '--burst-window'],
  ['expires_at', '--expires'],
  ['granularity', '--every'],
  ['from_chain_seq', '--from-row'],
  ['grace_period_seconds', '--grace'],
  ['key_id', '--key'],
  ['rate_limit_per_hour', '--rate-limit'],
  ['scopes', '--scope'],
  ['request_id', '--request-id'],
  ['target_id', '--target'],
  ['time_zone', '--time-zone'],
  ['to_chain_seq', '--to-row'],
  ['user_id', '--user'],
]);

/** Violations that the detail has no room for. */
const SPELLED_OUT = 5;

export function failureOf(answer: Answer, access: Access): Failure {
  const { status, text, location, requestId } = answer;
  if (status >= 300 && status < 400) return redirected(access, location, requestId);
  const problem = parseProblem(text);
  if (problem === undefined) return notTheGateway(answer, access);
  const kind = kindOf(status, problem);
  const violations = problem.violations ?? [];
  const lines = violations.map(({ path, message }) => `${path || 'the request'}: ${message}`);
  return new Failure(kind, problem.detail, {
    advice: [
      ...(lines.length > SPELLED_OUT ? lines : []),
      ...optionNames(violations.map(({ path }) => path)),
      ...adviceFor(kind, answer, access),
    ],
    requestId: problem.request_id ?? requestId,
  });
}

/** By which options the fields were given, so that nobody looks for others. */
function optionNames(paths: readonly string[]): string[] {
  const fields = new Set(paths.map((path) => path.replace(/[[.].*/s, '')));
  const names = [...fields].flatMap((field) =>
    OPTIONS.has(field) ? `${field} is ${OPTIONS.get(field)}` : [],
  );
  return names.length === 0 ? [] : [`Here ${names.join(', ')}.`];
}

/** What answers like this is no gateway, or something stands before it. */
export function notTheGateway({ status, requestId }: Answer, { url }: Access): Failure {
  if (status >= 500) {
    return new Failure('unavailable', `Something before the gateway at ${url.value} answered ${status}.`, {
      advice: ['A proxy says so, not the gateway: try again, or ask who runs it.'],
      requestId,
    });
  }
  return new Failure(
    'configuration',
    `${url.value} answered ${status}, but not as Hokusai Gateway does: is this the gateway?`,
    {
      advice: [
        `The address comes from ${url.source}. It is the gateway's own, without /mlflow or /api at its end.`,
        'Give another with --url, HOKUSAI_API_URL or hokusai auth login.',
      ],
      requestId,
    },
  );
}

function redirected({ url }: Access, location: string | null, requestId: string | undefined): Failure {
  return new Failure(
    'configuration',
    `${url.value} sends its callers on to ${location ?? 'another address'}.`,
    {
      advice: [`A key is not sent after it. If that is the gateway, set ${namedSource(url.source)} to it.`],
      requestId,
    },
  );
}

function namedSource(source: string): string {
  return source === '--url' ? source : 'HOKUSAI_API_URL';
}

const KINDS: Readonly<Record<number, FailureKind>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'configuration',
  408: 'unavailable',
  409: 'conflict',
  429: 'rate_limited',
  500: 'internal',
  501: 'configuration',
};

function kindOf(status: number, { type }: Problem): FailureKind {
  if (type === 'urn:hokusai:error:unknown_route') return 'configuration';
  return KINDS[status] ?? (status >= 500 ? 'unavailable' : 'invalid');
}

/** What to do next about an answer, as far as it depends on nothing but its kind. */
export function adviceFor(
  kind: FailureKind,
  { retryAfterSeconds }: Pick<Answer, 'retryAfterSeconds'>,
  { url, key }: Access,
): string[] {
  switch (kind) {
    case 'unauthenticated':
      return [
        `The key ${prefixOf(key.value)} comes from ${key.source}, the address ${url.value} from ${url.source}.`,
        'Use another with HOKUSAI_API_KEY or hokusai auth login.',
      ];
    case 'forbidden':
      return [
        `The key ${prefixOf(key.value)} comes from ${key.source}; hokusai auth whoami shows what it may do.`,
      ];
    case 'not_found':
      return ['What is not there and what belongs to someone else look alike: see hokusai auth whoami.'];
    case 'conflict':
      return ['Look at it again with the command show or show-key, then repeat what is still wanted.'];
    case 'rate_limited':
    case 'unavailable':
      return [`Try again ${retryAfterSeconds === undefined ? 'later' : `in ${retryAfterSeconds} s`}.`];
    case 'configuration':
      return [
        `The gateway at ${url.value} (from ${url.source}) does not know this operation: is it an older one?`,
      ];
    case 'internal':
      return ['This is a defect of the gateway: report it with the request id.'];
    default:
      return [];
  }
}

/** What may be shown of a key. */
function prefixOf(key: string): string {
  return /^hk_(?:live|test)_[0-9A-Za-z]{12}/.exec(key)?.[0] ?? "(which hasn't the form of one)";
}
