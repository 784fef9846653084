/** The gateway's request path in this process, with the ports to the rest of the system filled by hand. */
import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Clock, createLogger, type LineOutput, Metrics, systemClock } from '@hokusai/service-kit';
import type { AuthMode } from '../../src/domain/auth-mode.ts';
import { excludedPaths } from '../../src/domain/excluded-paths.ts';
import type {
  KeyLookup,
  ObservedClient,
  RateLimiter,
  ReportedRequest,
  SignIn,
  UsageRecorder,
} from '../../src/domain/ports.ts';
import { randomHexFrom } from '../../src/domain/random-hex.ts';
import { policiesOf, Standing, unusedReading } from '../../src/domain/rate-limits.ts';
import type { InsecureHttp } from '../../src/domain/transport-rule.ts';
import { createAccessLog } from '../../src/http/access-log.ts';
import { createApiDoor } from '../../src/http/api/app.ts';
import type {
  AuditClient,
  KeyManagementClient,
  UsageClient,
  UserManagementClient,
  WitnessClient,
} from '../../src/http/api/service-calls.ts';
import type { Connections } from '../../src/http/connections.ts';
import { createFail } from '../../src/http/fail.ts';
import { createGate, type GateOptions } from '../../src/http/gate.ts';
import { judgementOf } from '../../src/http/observation.ts';
import { createRouter } from '../../src/http/router.ts';
import { RunningRequests } from '../../src/http/running-requests.ts';
import { createGatewayServer } from '../../src/http/server.ts';
import { targetRules } from '../../src/http/target-rules.ts';
import { createUpstreamDoor } from '../../src/http/upstream-door.ts';
import type { UpstreamTimeouts } from '../../src/http/upstream-target.ts';
import { measureRequests } from '../../src/telemetry/requests.ts';
import type { UpstreamRow } from '../../src/upstream-rows.ts';
import { mlflowRow, openRow } from '../../src/upstreams.ts';
import { type TestKey, testKey } from './key.ts';

type UsageRecord = Parameters<UsageRecorder['request']>[0];

export interface TestGatewayOptions {
  /** To enforce, unless said otherwise. */
  authMode?: AuthMode;
  upstreamUrl: string;
  testUpstreamUrl?: string;
  /** Of the table of upstreams, besides MLflow's. */
  rows?: UpstreamRow[];
  timeouts?: Partial<UpstreamTimeouts>;
  /** Requests under way at a time. */
  maxInFlight?: { upstream?: number; key?: number };
  excluded?: string[];
  trustedProxies?: string[];
  publicOrigins?: string[];
  allowInsecureHttp?: InsecureHttp;
  takesKeyInQuery?: boolean;
  lookup?: KeyLookup;
  /** Admits everything if absent. */
  limiter?: RateLimiter;
  /** Answers each call of the keys and usage services. */
  manage?: (method: string, request: object) => object;
  isReady?: () => boolean;
  /** Where the access log goes instead. */
  accessOutput?: Pick<LineOutput, 'write' | 'dropped'>;
  /** By which strangers are answered. */
  clock?: Clock;
}

export interface TestGateway {
  url: string;
  port: number;
  server: Server;
  connections: Connections;
  /** Known to the gateway and allowed everything. */
  key: TestKey;
  /** Makes the gateway know another key. */
  add(key: TestKey): TestKey;
  /** Every line that was logged. */
  log: string[];
  /** Every line of the access log. */
  accessLog: string[];
  usage: UsageRecord[];
  anonymous: { reason: string; clientIp: string }[];
  /** What would have been refused. */
  observed: ({ reason: string } & ObservedClient)[];
  refusals: ReportedRequest[];
  signIns: SignIn[];
  /** What it has counted. */
  metrics: Metrics;
  /** What is under way to upstreams. */
  running: RunningRequests;
  close(): Promise<void>;
}

export async function startGateway(options: TestGatewayOptions): Promise<TestGateway> {
  const records = {
    log: [] as string[],
    accessLog: [] as string[],
    usage: [] as UsageRecord[],
    anonymous: [] as { reason: string; clientIp: string }[],
    observed: [] as ({ reason: string } & ObservedClient)[],
    refusals: [] as ReportedRequest[],
    signIns: [] as SignIn[],
  };
  const keys = new Map<string, TestKey>();
  const add = (key: TestKey) => {
    keys.set(key.key, key);
    return key;
  };
  const usage: UsageRecorder = {
    request: (record) => records.usage.push(record),
    anonymousRefusal: (reason, clientIp) => records.anonymous.push({ reason, clientIp }),
    observedRefusal: (reason, client) => records.observed.push({ reason, ...client }),
  };
  const logger = createLogger({
    service: 'gateway',
    level: 'trace',
    destination: { write: (line) => records.log.push(line) },
  });
  const accessOutput = { write: (line: string) => void records.accessLog.push(line), dropped: 0 };
  const limiter = options.limiter ?? unlimited;
  const fail = createFail(logger, usage, limiter, options.clock ?? systemClock);
  const publicOrigins = new Set(options.publicOrigins);
  const judging: GateOptions = {
    lookup: options.lookup ?? { find: (key) => Promise.resolve(keys.get(key)?.authenticated) },
    refusals: { refused: (refusal) => records.refusals.push(refusal) },
    allowInsecureHttp: options.allowInsecureHttp ?? 'loopback',
    publicOrigins,
  };
  const gate = createGate(judging);
  const timeouts = { connectMs: 2000, responseMs: 5000, bodyIdleMs: 5000, ...options.timeouts };
  const running = new RunningRequests(options.maxInFlight?.key ?? 64);
  const maxInFlight = options.maxInFlight?.upstream ?? 512;
  const switches = { assistant: false, presignedUrls: true };
  const mlflow = mlflowRow({
    MLFLOW_UPSTREAM_URL: options.upstreamUrl,
    MLFLOW_TEST_UPSTREAM_URL: options.testUpstreamUrl,
  });
  const opened = [mlflow, ...(options.rows ?? [])].map((row) =>
    openRow(row, { timeouts, maxInFlight, running, logger, switches }),
  );
  const upstreams = opened.map(({ upstream }) => upstream);
  const router = createRouter({
    upstreams,
    upstreamDoor: createUpstreamDoor({
      ...judgementOf(options.authMode ?? 'enforce', judging, usage),
      fail,
      limiter,
      takesKeyInQuery: options.takesKeyInQuery ?? true,
      isExcluded: excludedPaths(options.excluded ?? []),
      publicOrigins,
    }),
    apiDoor: createApiDoor({
      gate,
      limiter,
      fail,
      signIns: { signedIn: (request) => void records.signIns.push(request) },
      ...managementClients(options.manage ?? (() => assert.fail('nobody manages keys here'))),
      checks: {
        keys: () => (options.isReady?.() === false ? Promise.reject(new Error('secret')) : Promise.resolve()),
      },
    }),
  });
  const metrics = new Metrics();
  const { server, connections } = createGatewayServer({
    router,
    requests: measureRequests(metrics),
    ...targetRules(upstreams),
    usage,
    accessLog: createAccessLog(options.accessOutput ?? accessOutput, logger),
    trustedProxies: options.trustedProxies ?? [],
    clock: systemClock,
    newId: randomUUID,
    randomHex: randomHexFrom(randomBytes),
    fail,
    logger,
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    server,
    connections,
    key: add(testKey()),
    add,
    running,
    metrics,
    ...records,
    close: async () => {
      for (const socket of connections.open()) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
      await Promise.all(opened.map((each) => each.close()));
    },
  };
}

/** Clients whose every call is answered by a function. */
function managementClients(manage: (method: string, request: object) => object) {
  const call = (method: string, request: object) => Promise.resolve().then(() => manage(method, request));
  const read = async function* (method: string, request: object) {
    yield* (await call(method, request)) as AsyncIterable<object>;
  };
  const client = { call, read, close: () => {} } as unknown;
  return {
    keys: client as KeyManagementClient,
    users: client as UserManagementClient,
    usage: client as UsageClient,
    audit: client as AuditClient,
    witnesses: client as WitnessClient,
  };
}

const standing: RateLimiter['known'] = (state) =>
  new Standing('admitted', policiesOf(state), unusedReading(systemClock), 0, systemClock);
/** Admits everything. */
export const unlimited: RateLimiter = { charge: standing, known: standing };
