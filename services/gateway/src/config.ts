/** The only reader of the environment. Every variable may also come from a file: `NAME_FILE`. */
import { availableParallelism } from 'node:os';
import {
  about,
  type ConfigOf,
  certificates,
  defineConfig,
  grpcClientRule,
  grpcClientVariables,
  healthVariables,
  logVariables,
  natsRule,
  natsVariables,
  ofKind,
  ownPortsRule,
  pairProblems,
  privateKey,
  secret,
  shown,
  shownUrl,
  tlsClientRule,
  tlsClientVariables,
  traceVariables,
  variable,
} from '@hokusai/service-kit';
import { z } from 'zod';
import { AUTH_MODES, type AuthMode } from './domain/auth-mode.ts';
import { isNeverOpen } from './domain/excluded-paths.ts';
import { LOSS_POLICIES } from './domain/rate-limits.ts';
import { canonicalPath } from './domain/routes/index.ts';
import { INSECURE_HTTP } from './domain/transport-rule.ts';
import { isTrustable } from './http/client-path.ts';
import { holdsCredential, type UpstreamRow, upstreamRows } from './upstream-rows.ts';

const DAY_SECONDS = 86_400;
const HOUR_MS = 3_600_000;
const MIB = 1024 ** 2;

const upstreamUrl = () => secret(variable.url('http', 'https'));
const timeoutMs = () => variable.integer(1, 24 * HOUR_MS);

const listening = {
  GATEWAY_HOST: about(
    'Address that clients connect to.',
    ofKind('an address', shown(variable.text())).default('127.0.0.1'),
  ),
  GATEWAY_PORT: about('Port that clients connect to.', variable.port().default(8080)),
  GATEWAY_TLS_CERT: about(
    'Certificate of the public address, with intermediate ones after its own: clients come by HTTPS then. Both this and the key, or neither.',
    certificates().optional(),
  ),
  GATEWAY_TLS_KEY: about('Private key of that certificate.', privateKey().optional()),
  GATEWAY_HSTS_SECONDS: about(
    'With a certificate: for how long browsers are told to come by HTTPS only (Strict-Transport-Security); 0 for not at all.',
    variable.integer(0, 2 * 365 * DAY_SECONDS).default(365 * DAY_SECONDS),
  ),
  GATEWAY_WORKERS: about('Processes that share the port; `auto` for one on each core.', workers().default(1)),
  SHUTDOWN_IDLE_MS: about(
    'From the word to stop on, connections of clients that are idle stay open that long.',
    variable.integer(0, 15_000).default(5000),
  ),
  WORKER_DRAIN_MS: about(
    'What a worker that was replaced may take to finish the requests that it has.',
    variable.integer(0, DAY_SECONDS * 1000).default(900_000),
  ),
  ...healthVariables(),
  ...logVariables(),
  ...traceVariables(),
  ACCESS_LOG: about(
    'Log a line for each request, whatever `LOG_LEVEL` says.',
    variable.boolean().default(true),
  ),
};

const backends = {
  ...grpcClientVariables('KEYS'),
  ...grpcClientVariables('USAGE'),
  ...grpcClientVariables('AUDIT'),
  REDIS_URL: about(
    'Counters of limits and the shared cache. Several, separated by commas, are nodes of one Redis Cluster, with the user, password and TLS of the first.',
    ofKind('redis:// or rediss:// URLs', secret(redisUrls())),
  ),
  ...tlsClientVariables('REDIS'),
  RATE_LIMIT_ON_REDIS_LOSS: about(
    'What becomes of limits without Redis: a share for each gateway, none, or nobody is let in.',
    variable.oneOf(LOSS_POLICIES).default('local-share'),
  ),
  ...natsVariables(),
};

const upstreams = {
  MLFLOW_UPSTREAM_URL: about(
    "The MLflow server. With `user:password@`, the gateway's own credential for it.",
    upstreamUrl(),
  ),
  MLFLOW_TEST_UPSTREAM_URL: about(
    'Where `hk_test_` keys get to; the same as all others if absent.',
    upstreamUrl().optional(),
  ),
  MLFLOW_ASSISTANT: about(
    "Serve MLflow's assistant, which runs tools on the MLflow server's host.",
    variable.boolean().default(false),
  ),
  MLFLOW_PRESIGNED_URLS: about(
    'Let MLflow hand out URLs that lead to its storage, past the gateway.',
    variable.boolean().default(true),
  ),
  UPSTREAMS: about(
    'Servers besides MLflow that stand behind the gateway.',
    ofKind('a JSON list', secret(upstreamRows())).default([]),
    { defaultText: '[]' },
  ),
  UPSTREAM_CONNECT_TIMEOUT_MS: about('For connecting to an upstream.', timeoutMs().default(2000)),
  UPSTREAM_RESPONSE_TIMEOUT_MS: about(
    'From the last byte of a request to the first of its answer.',
    timeoutMs().default(300_000),
  ),
  BODY_IDLE_TIMEOUT_MS: about(
    'For a body that stands still, in either direction. A moving one may take any time.',
    timeoutMs().default(120_000),
  ),
  UPSTREAM_MAX_IN_FLIGHT: about(
    'Requests under way to one upstream, in each process.',
    variable.integer(1, 65_535).default(512),
  ),
  KEY_MAX_IN_FLIGHT: about(
    'Requests under way of one key, in each process.',
    variable.integer(1, 65_535).default(64),
  ),
  CUT_OFF_STREAMS: about('End requests under way when their key stops.', variable.boolean().default(true)),
};

const authentication = {
  AUTH_MODE: about(
    'Whether keys are asked for, or only missed: `observe` refuses nobody on the way to upstreams, and counts who would have been refused. The management API asks for keys in both modes.',
    variable.oneOf(AUTH_MODES).default('enforce'),
  ),
  KEY_TAG_SECRETS: about(
    'Secrets of the tags in keys, newest first, the same as the keys service has. Without them tags are not checked.',
    variable.tagRing().default([]),
  ),
  CACHE_SECRETS: about(
    'Secrets of what gateways share in Redis, newest first, the same on all of them: the first seals.',
    variable.secretRing(),
  ),
  KEY_STATE_TTL_SECONDS: about(
    "After that a key's state is read again, whatever was heard.",
    variable.integer(1, DAY_SECONDS).default(300),
  ),
  KEY_NEGATIVE_TTL_SECONDS: about(
    'For so long a key that is unknown is not asked for again.',
    variable.integer(1, DAY_SECONDS).default(10),
  ),
  FOLLOW_STALE_SECONDS: about(
    'Without news of changes for so long, what is remembered of keys is not trusted any more.',
    variable.integer(2, 300).default(5),
  ),
  OUTAGE_GRACE_SECONDS: about(
    'For so long a key that was trusted works on while the keys service is away; 0 for no longer.',
    variable.integer(0, DAY_SECONDS).default(60),
  ),
  AUTH_FAILURES_PER_MINUTE: about(
    'Wrong keys of one client address or IPv6 network, in each process.',
    variable.integer(1, 1000).default(30),
  ),
  API_KEY_IN_QUERY: about('Take keys from `?api_key=`.', variable.boolean().default(true)),
};

const exposure = {
  ALLOW_INSECURE_HTTP: about(
    'From where keys may come over plain HTTP.',
    variable.oneOf(INSECURE_HTTP).default('loopback'),
  ),
  TRUSTED_PROXIES: about(
    "Proxies whose word on the client's address and scheme counts.",
    ofKind(
      'addresses, CIDR blocks, loopback, linklocal, uniquelocal',
      shown(listOf(isTrustable, 'expected addresses or CIDR blocks, or loopback, linklocal, uniquelocal')),
    ).default([]),
  ),
  PUBLIC_ORIGINS: about(
    "Origins whose pages may make a browser change things; the gateway's own if absent.",
    ofKind(
      'origins, separated by commas',
      shown(listOf(isOrigin, 'expected origins such as https://mlflow.example.org')),
    ).optional(),
  ),
  EXCLUDED_PATHS: about(
    'Paths of upstreams that need no key.',
    ofKind(
      'paths such as /mlflow/version or /mlflow/*',
      shown(listOf(isPathPattern, 'expected paths such as /mlflow/health or /mlflow/*, none below /api')),
    ).default([]),
  ),
};

const metering = {
  USAGE_FLUSH_MS: about(
    'A batch of usage is sent when it is so old.',
    variable.integer(10, 60_000).default(250),
  ),
  USAGE_FLUSH_EVENTS: about(
    'A batch of usage is sent when it is so large.',
    variable.integer(1, 500).default(200),
  ),
  USAGE_SPOOL_DIR: about(
    'Where events wait while NATS is away, also past the end of the process; in memory only if absent. Several gateways may share it.',
    ofKind('a path', shown(variable.text())).optional(),
  ),
  USAGE_SPOOL_MAX_BYTES: about(
    'What usage may take there, of each process.',
    variable.integer(MIB, 1024 ** 4).default(256 * MIB),
  ),
  AUDIT_SPOOL_MAX_BYTES: about(
    'What audit events may take there, of each process.',
    variable.integer(MIB, 1024 ** 4).default(64 * MIB),
  ),
};

/** MLflow's own path and query come from each request. */
function upstreamRule(values: {
  MLFLOW_UPSTREAM_URL?: string;
  MLFLOW_TEST_UPSTREAM_URL?: string | undefined;
}): string[] {
  return (['MLFLOW_UPSTREAM_URL', 'MLFLOW_TEST_UPSTREAM_URL'] as const)
    .filter((name) => /[?#]/.test(values[name] ?? ''))
    .map(
      (name) =>
        `${name}: has a query or a fragment, which can't be passed on; leave out ? or # and what follows`,
    );
}

/** Who is not refused would act with the gateway's own credential, on a server that is closed without one. */
function observeRule(values: {
  AUTH_MODE?: AuthMode;
  MLFLOW_UPSTREAM_URL?: string;
  MLFLOW_TEST_UPSTREAM_URL?: string | undefined;
  UPSTREAMS?: readonly UpstreamRow[];
}): string[] {
  if (values.AUTH_MODE !== 'observe') return [];
  const lent = (name: string) =>
    `${name}: holds a credential, which AUTH_MODE=observe would lend to everybody; observe servers that are open only`;
  const urls = ['MLFLOW_UPSTREAM_URL', 'MLFLOW_TEST_UPSTREAM_URL'] as const;
  // A row that needs no key lends its credential in either mode.
  const rows = values.UPSTREAMS?.filter(({ auth }) => auth === 'required') ?? [];
  const holds = rows.some((row) => row.authorization ?? [row.target, row.test_target].some(holdsCredential));
  return [
    ...urls.filter((name) => holdsCredential(values[name])).map(lent),
    ...(holds ? [lent('UPSTREAMS')] : []),
  ];
}

/** Configuration of the gateway. */
export const gatewayConfig = defineConfig(
  {
    ...listening,
    ...backends,
    ...upstreams,
    ...authentication,
    ...exposure,
    ...metering,
  },
  [
    ...[observeRule, upstreamRule, ownPortsRule('GATEWAY')],
    ({ GATEWAY_TLS_CERT, GATEWAY_TLS_KEY }) => pairProblems('GATEWAY_TLS', GATEWAY_TLS_CERT, GATEWAY_TLS_KEY),
    ...[grpcClientRule('KEYS'), grpcClientRule('USAGE'), grpcClientRule('AUDIT')],
    ...[natsRule(), tlsClientRule('REDIS', (url) => url.startsWith('rediss:'))],
  ],
);
export type GatewayConfig = ConfigOf<typeof gatewayConfig>;

/** A number of processes, or `auto` for one on each core. */
function workers() {
  const expected = 'expected a number of processes from 1 to 256, or auto for one on each core';
  const text = z.string().regex(/^(auto|\d{1,3})$/, expected);
  const count = text
    .transform((given) => (given === 'auto' ? availableParallelism() : Number(given)))
    .refine((processes) => processes >= 1 && processes <= 256, expected);
  return ofKind('a whole number from 1 to 256, or auto', shown(count));
}

/** Values separated by commas. */
function listOf(isValid: (value: string) => boolean, expected: string) {
  return z.string().transform((text, context) => {
    const values = text.split(',').map((value) => value.trim());
    if (values.every(isValid)) return values;
    context.addIssue({ code: 'custom', message: `${expected}, separated by commas` });
    return z.NEVER;
  });
}

function redisUrls() {
  const urls = listOf(
    isRedisUrl,
    'expected a URL that starts with redis:// or rediss://, or several of one cluster',
  ).transform((all) => all.join(','));
  return shown(urls, (all) => all.split(',').map(shownUrl));
}

function isRedisUrl(text: string): boolean {
  return URL.canParse(text) && /^rediss?:$/.test(new URL(text).protocol);
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

/** As it is matched: a path in its canonical form, or one that ends in `/*`. */
function isPathPattern(text: string): boolean {
  const path = text.replace(/\/\*$/, '/');
  const canonical = canonicalPath(path);
  if (isNeverOpen(text)) return false;
  return !path.includes('*') && canonical.problem === undefined && canonical.path === path;
}
