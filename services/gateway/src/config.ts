/** The only reader of the environment. Every variable may also come from a file: `NAME_FILE`. */
import { availableParallelism } from 'node:os';
import {
  describeConfig,
  type Environment,
  grpcClientRule,
  grpcClientVariables,
  LOG_LEVELS,
  loadConfig,
  type ShownValue,
  shown,
  shownUrl,
  variable,
} from '@hokusai/service-kit';
import { z } from 'zod';
import { isNeverOpen } from './domain/excluded-paths.ts';
import { LOSS_POLICIES } from './domain/rate-limits.ts';
import { canonicalPath } from './domain/routes/index.ts';
import { INSECURE_HTTP } from './domain/transport-rule.ts';
import { isTrustable } from './http/client-path.ts';
import { upstreamRows } from './upstream-rows.ts';

const DAY_SECONDS = 86_400;
const HOUR_MS = 3_600_000;
const MIB = 1024 ** 2;

const upstreamUrl = () => variable.url('http', 'https');
const timeoutMs = () => variable.integer(1, 24 * HOUR_MS);

const listening = {
  GATEWAY_HOST: shown(variable.text()).default('127.0.0.1'),
  GATEWAY_PORT: variable.port().default(8080),
  /** Processes that share the port. */
  GATEWAY_WORKERS: workers().default(1),
  /** From the word to stop on, connections of clients that are idle stay open that long. */
  SHUTDOWN_IDLE_MS: variable.integer(0, 15_000).default(5000),
  /** What a worker that was replaced may take to finish the requests that it has. */
  WORKER_DRAIN_MS: variable.integer(0, DAY_SECONDS * 1000).default(900_000),
  HEALTH_HOST: shown(variable.text()).default('127.0.0.1'),
  HEALTH_PORT: variable.port().default(0),
  LOG_LEVEL: variable.oneOf(LOG_LEVELS).default('info'),
  /** One line for each request, whatever LOG_LEVEL says. */
  ACCESS_LOG: variable.boolean().default(true),
};

const backends = {
  ...grpcClientVariables('KEYS'),
  ...grpcClientVariables('USAGE'),
  ...grpcClientVariables('AUDIT'),
  /** Several are nodes of one cluster. */
  REDIS_URL: shown(
    listOf(
      isRedisUrl,
      'expected a URL that starts with redis:// or rediss://, or several of one cluster',
    ).transform((urls) => urls.join(',')),
    (urls) => urls.split(',').map(shownUrl),
  ),
  RATE_LIMIT_ON_REDIS_LOSS: variable.oneOf(LOSS_POLICIES).default('local-share'),
  NATS_URL: variable.url('nats', 'tls'),
};

const upstreams = {
  MLFLOW_UPSTREAM_URL: upstreamUrl(),
  /** Where hk_test_ keys get to; the same as all others if absent. */
  MLFLOW_TEST_UPSTREAM_URL: upstreamUrl().optional(),
  /** MLflow's assistant runs tools on the MLflow server's host. */
  MLFLOW_ASSISTANT: variable.boolean().default(false),
  /** URLs that lead to MLflow's storage, past the gateway. */
  MLFLOW_PRESIGNED_URLS: variable.boolean().default(true),
  /** Rows of the table of upstreams besides MLflow's. */
  UPSTREAMS: upstreamRows().default([]),
  UPSTREAM_CONNECT_TIMEOUT_MS: timeoutMs().default(2000),
  UPSTREAM_RESPONSE_TIMEOUT_MS: timeoutMs().default(300_000),
  BODY_IDLE_TIMEOUT_MS: timeoutMs().default(120_000),
  /** Requests under way to one upstream, and of one key, in this process. */
  UPSTREAM_MAX_IN_FLIGHT: variable.integer(1, 65_535).default(512),
  KEY_MAX_IN_FLIGHT: variable.integer(1, 65_535).default(64),
  /** Ends requests under way when their key stops. */
  CUT_OFF_STREAMS: variable.boolean().default(true),
};

const authentication = {
  /** Newest first. Empty: tags are not checked. */
  KEY_TAG_SECRETS: variable.tagRing().default([]),
  /** Newest first: the first seals what is shared in Redis. */
  CACHE_SECRETS: variable.secretRing(),
  KEY_STATE_TTL_SECONDS: variable.integer(1, DAY_SECONDS).default(300),
  KEY_NEGATIVE_TTL_SECONDS: variable.integer(1, DAY_SECONDS).default(10),
  FOLLOW_STALE_SECONDS: variable.integer(2, 300).default(5),
  OUTAGE_GRACE_SECONDS: variable.integer(0, DAY_SECONDS).default(60),
  /** Of one client address or v6 network, in one process. */
  AUTH_FAILURES_PER_MINUTE: variable.integer(1, 1000).default(30),
  API_KEY_IN_QUERY: variable.boolean().default(true),
};

const exposure = {
  ALLOW_INSECURE_HTTP: variable.oneOf(INSECURE_HTTP).default('loopback'),
  /** Whose word on the client's address and scheme counts. */
  TRUSTED_PROXIES: shown(
    listOf(isTrustable, 'expected addresses or CIDR blocks, or loopback, linklocal, uniquelocal'),
  ).default([]),
  /** Origins whose pages may make a browser change things; the gateway's own if absent. */
  PUBLIC_ORIGINS: shown(listOf(isOrigin, 'expected origins such as https://mlflow.example.org')).optional(),
  /** Paths of upstreams that need no key. */
  EXCLUDED_PATHS: shown(
    listOf(isPathPattern, 'expected paths such as /mlflow/health or /mlflow/*, none below /api'),
  ).default([]),
};

const metering = {
  USAGE_FLUSH_MS: variable.integer(10, 60_000).default(250),
  USAGE_FLUSH_EVENTS: variable.integer(1, 500).default(200),
  /** Where usage waits while NATS is away, also past the end of the process; in memory only if absent. */
  USAGE_SPOOL_DIR: shown(variable.text()).optional(),
  /** Of each process. */
  USAGE_SPOOL_MAX_BYTES: variable.integer(MIB, 1024 ** 4).default(256 * MIB),
  /** Of each process, for its audit events; they wait beside the usage. */
  AUDIT_SPOOL_MAX_BYTES: variable.integer(MIB, 1024 ** 4).default(64 * MIB),
};

const shape = {
  ...listening,
  ...backends,
  ...upstreams,
  ...authentication,
  ...exposure,
  ...metering,
};

/** Throws ConfigError with all problems. */
export const loadGatewayConfig = (env: Environment = process.env) =>
  loadConfig(shape, env, [grpcClientRule('KEYS'), grpcClientRule('USAGE'), grpcClientRule('AUDIT')]);
export type GatewayConfig = ReturnType<typeof loadGatewayConfig>;

/** What may be told of it: no secret, and no credential in a URL. */
export function describeGatewayConfig(config: GatewayConfig): Record<string, ShownValue> {
  return describeConfig(shape, config);
}

/** A number of processes, or `auto` for one on each core. */
function workers() {
  const expected = 'expected a number of processes from 1 to 256, or auto for one on each core';
  const text = z.string().regex(/^(auto|\d{1,3})$/, expected);
  return shown(
    text
      .transform((count) => (count === 'auto' ? availableParallelism() : Number(count)))
      .refine((count) => count >= 1 && count <= 256, expected),
  );
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
