/** The table of upstreams as it is written in the configuration: `UPSTREAMS`, a JSON list. */
import { SCOPES } from '@hokusai/contracts/scopes';
import { HIDDEN, type ShownValue, shown, shownUrl } from '@hokusai/service-kit';
import { z } from 'zod';
import { canonicalPath } from './domain/routes/index.ts';
import { METHODS, SAFE_METHODS, UNSAFE_METHODS } from './domain/routes/route-policy.ts';

const MAX_TIMEOUT_MS = 24 * 3_600_000;
const SHOWN_PROBLEMS = 20;

const url = () =>
  z.string().refine(isUpstreamUrl, 'expected http://host:port or https://host:port, with a path if need be');
const timeoutMs = () => z.int(`expected a number of milliseconds`).min(1).max(MAX_TIMEOUT_MS).optional();
const patterns = (min: 0 | 1) =>
  z
    .array(
      z
        .string()
        .refine(
          isPattern,
          'expected a path such as /v1/items/*, in which * stands for one segment, a final /** for any rest, and {a,b} for one of them',
        ),
    )
    .min(min);
const scope = () => z.enum(SCOPES, `expected one of ${SCOPES.join(', ')}`);

const rule = z.strictObject({
  methods: z
    .array(z.enum(METHODS))
    .min(1)
    .default([...METHODS]),
  paths: patterns(1),
  /** `public`: no key; `refused`: nobody may. */
  scope: z.enum([...SCOPES, 'public', 'refused'], `expected one of public, refused, ${SCOPES.join(', ')}`),
});

const row = z.strictObject({
  /** In usage. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'expected up to 32 of a-z, 0-9 and -, a letter first'),
  /** In messages; the id if absent. */
  name: z
    .string()
    .regex(/^[^\p{C}]{1,64}$/u, 'expected up to 64 characters')
    .optional(),
  prefix: z.string().refine(isPrefix, 'expected a path such as /features, without a final /'),
  target: url(),
  /** Where hk_test_ keys get to; the same as all others if absent. */
  test_target: url().optional(),
  environments: z
    .array(z.enum(['live', 'test']))
    .min(1)
    .default(['live', 'test']),
  auth: z.enum(['required', 'none']).default('required'),
  /** Another MLflow: its routes need the scopes that they need below /mlflow. */
  kind: z.enum(['mlflow']).optional(),
  /** What GET, HEAD and OPTIONS need, and what all other methods do, where there are no rules. */
  read_scope: scope().optional(),
  write_scope: scope().optional(),
  /** The first that fits decides; what none fits is not there. */
  rules: z.array(rule).min(1).optional(),
  /** Below these a segment may hold an encoded slash. */
  encoded_slash: patterns(0).default([]),
  /** Routes with `{name}` for a segment, which statistics are kept by. */
  endpoints: z
    .array(
      z.string().regex(/^(\/([^\s/?#{}*]*|\{\w+(:path)?\}))+$/, 'expected a route such as /v1/items/{id}'),
    )
    .default([]),
  /** Takes upgraded connections (WebSocket). */
  upgrade: z.boolean().default(false),
  /** The gateway's own credential: the whole value of the header Authorization. */
  authorization: z
    .string()
    .regex(/^[\x21-\x7e][\x20-\x7e]*$/, 'expected the value of a header')
    .optional(),
  connect_timeout_ms: timeoutMs(),
  response_timeout_ms: timeoutMs(),
  body_idle_timeout_ms: timeoutMs(),
  max_in_flight: z.int().min(1).max(65_535).optional(),
});

export type UpstreamRow = z.infer<typeof row>;

/** Reads the variable. All problems at once, each with its place, and without what stands there. */
export function upstreamRows() {
  const rows = z.string().transform((text, context) => {
    const json = parseJson(text);
    const parsed = z.array(row).safeParse(json);
    const found = (parsed.error?.issues ?? []).map(({ path, message }) => [placeOf(path), message] as const);
    const rows = Array.isArray(json) ? json.map(rawRow) : [];
    const places = new Set(found.map(([place]) => place));
    const others = [...rows.flatMap(withinRow), ...betweenRows(rows)].filter(([place]) => !places.has(place));
    if (parsed.success && others.length === 0) return parsed.data;
    for (const [place, message] of [...found, ...others].slice(0, SHOWN_PROBLEMS))
      context.addIssue({ code: 'custom', message: `${place}: ${message}` });
    return z.NEVER;
  });
  return shown(rows, (all) => all.map(withoutCredentials));
}

function withoutCredentials({ target, test_target, authorization, ...rest }: UpstreamRow): ShownValue {
  return {
    ...(rest as Record<string, ShownValue>),
    target: shownUrl(target),
    ...(test_target !== undefined && { test_target: shownUrl(test_target) }),
    ...(authorization !== undefined && { authorization: HIDDEN }),
  };
}

/** As it was written: of the right shape or not. */
type RawRow = Partial<Record<keyof UpstreamRow, unknown>>;

/** Undefined for what is no row at all, of which there is nothing more to say. */
function rawRow(value: unknown): RawRow | undefined {
  return typeof value === 'object' && value !== null ? value : undefined;
}

/** Where, as `[0].prefix`, and what. */
type Problem = readonly [place: string, message: string];

/** Undefined for what is no JSON, which is no list either. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** As `[0].rules[1].paths`. */
function placeOf(path: readonly PropertyKey[]): string {
  if (path.length === 0) return 'expected a JSON list of upstreams';
  return path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('');
}

/** What can't be meant within one row. */
function withinRow(raw: RawRow | undefined, index: number): Problem[] {
  const problems = raw ? [...contradictions(raw)] : [];
  return problems.map(([field, message]) => [`[${index}].${field}`, message]);
}

function* contradictions(raw: RawRow): Generator<readonly [field: keyof UpstreamRow, message: string]> {
  const { kind, rules, read_scope, write_scope, environments } = raw;
  const ways = [kind, rules, read_scope ?? write_scope].filter((way) => way !== undefined);
  if (ways.length > 1)
    yield ['rules', 'give kind, or rules, or read_scope and write_scope, not several of them'];
  if ((read_scope === undefined) !== (write_scope === undefined))
    yield ['read_scope', 'read_scope and write_scope belong together'];
  if (ways.length === 0 && raw.auth !== 'none')
    yield ['rules', 'say which scopes are needed: kind, or rules, or read_scope and write_scope'];
  if (raw.test_target !== undefined && Array.isArray(environments) && !environments.includes('test'))
    yield ['test_target', 'is for test keys, which are not among environments'];
  if (raw.authorization !== undefined && [raw.target, raw.test_target].some(holdsCredential))
    yield ['authorization', 'stands in the URL too: leave one of them out'];
}

/** What the gateway serves itself, and MLflow. */
const TAKEN = ['/api', '/livez', '/readyz', '/mlflow'];
const TAKEN_IDS = ['api', 'mlflow'];

/** What can't be meant between rows. */
function* betweenRows(rows: readonly (RawRow | undefined)[]): Generator<Problem> {
  const ids = new Set<unknown>(TAKEN_IDS);
  const prefixes = [...TAKEN];
  for (const [index, { id, prefix } = {}] of rows.entries()) {
    if (ids.has(id)) yield [`[${index}].id`, 'is taken already'];
    if (typeof id === 'string') ids.add(id);
    if (typeof prefix !== 'string' || !isPrefix(prefix)) continue;
    const other = prefixes.find((each) => overlap(each, prefix));
    if (other !== undefined) yield [`[${index}].prefix`, `overlaps with ${other}, which is served already`];
    prefixes.push(prefix);
  }
}

function overlap(one: string, other: string): boolean {
  return `${one}/`.startsWith(`${other}/`) || `${other}/`.startsWith(`${one}/`);
}

function isPrefix(text: string): boolean {
  return /^(\/[A-Za-z0-9._~-]+)+$/.test(text) && canonicalPath(text).problem === undefined;
}

function isUpstreamUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, search, hash } = new URL(text);
  return (protocol === 'http:' || protocol === 'https:') && search === '' && hash === '';
}

/** A user, or a password, in a URL. */
export function holdsCredential(text: unknown): boolean {
  return typeof text === 'string' && URL.canParse(text) && new URL(text).username !== '';
}

/** As `PathTrie` takes them. */
function isPattern(text: string): boolean {
  return /^(\/(\*|[^\s/?#*{}]*(\{[^\s?#{}]+\}[^\s/?#*{}]*)?))*(\/\*\*)?$/.test(text) && text.startsWith('/');
}

/** The rules that a row stands for; undefined for an MLflow's. */
export function rulesOf({ rules, read_scope, write_scope }: UpstreamRow) {
  if (rules) return rules.map(({ methods, paths, scope: outcome }) => ({ methods, paths, outcome }));
  return [
    // Without a key nobody asks for the scope.
    { methods: SAFE_METHODS, paths: ['/**'], outcome: read_scope ?? 'mlflow:read' } as const,
    { methods: UNSAFE_METHODS, paths: ['/**'], outcome: write_scope ?? 'mlflow:write' } as const,
  ];
}
