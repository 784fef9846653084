/** Replicas of the keys service and gateways, as processes, on a database, a Redis and a NATS of their own. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@hokusai/local-stack';
import { grpcToken } from './grpc.ts';
import { createNats, type TestNats } from './nats.ts';
import { createDatabase } from './postgres.ts';
import { createRedis, type TestRedis } from './redis.ts';
import { spawnService, type TestService } from './service.ts';

/** Variables of a process. */
type Settings = Readonly<Record<string, string>>;

export interface ClusterOptions {
  replicas: number;
  gateways: number;
  /** What the gateways forward to. */
  upstreamUrl: string;
  /** Who may call the keys services: `grpcCallers` of all their interfaces, since gateways call each. */
  keysCallers: string;
  keysSettings?: Settings;
  gatewaySettings?: Settings;
  /** Where a gateway, by its number from 0, is told to find these replicas; by default there where they listen. */
  reach?: (replicas: readonly string[], gateway: number) => Promise<readonly string[]>;
}

export interface ClusterReplica {
  /** `host:port` of its gRPC server, which lets in whoever has `grpcToken`. */
  address: string;
  process: TestService;
  /** Starts it again at the same address, once it has ended. */
  start(): Promise<void>;
}

export interface ClusterGateway {
  url: string;
  port: number;
  process: TestService;
}

export interface Cluster extends AsyncDisposable {
  /** Plaintext of a key with all rights. */
  adminKey: string;
  redis: TestRedis;
  nats: TestNats;
  replicas: readonly ClusterReplica[];
  gateways: readonly ClusterGateway[];
  /** One more. */
  startGateway(): Promise<ClusterGateway>;
}

const READY_TIMEOUT_MS = 60_000;

const ringOf = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'hokusai-cluster-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const database = stack.use(await createDatabase('keys'));
  const redis = stack.use(await createRedis());
  const nats = stack.use(await createNats());
  const adminKeyFile = join(folder, 'admin.key');
  const tagRing = { KEY_TAG_SECRETS: ringOf('t') };
  const replicas = await startReplicas(stack, options.replicas, {
    ...{ NATS_URL: nats.urls.keys, KEYS_DATABASE_URL: database.url, KEYS_GRPC_CALLERS: options.keysCallers },
    ...{ KEY_PEPPERS: ringOf('p'), BOOTSTRAP_ADMIN_KEY_FILE: adminKeyFile, ...tagRing },
    ...options.keysSettings,
  });
  const addresses = replicas.map(({ address }) => address);
  const gatewaySettings = {
    ...{ NATS_URL: nats.urls.gateway, REDIS_URL: redis.url, MLFLOW_UPSTREAM_URL: options.upstreamUrl },
    ...{ CACHE_SECRETS: ringOf('c'), ...tagRing },
    ...options.gatewaySettings,
  };
  const started = stack.use(new AsyncDisposableStack());
  let count = 0;
  const startGateway = async () => {
    count += 1;
    const reachable = (await options.reach?.(addresses, count - 1)) ?? addresses;
    const gateway = await spawnGateway({ ...gatewaySettings, KEYS_GRPC_URL: reachable.join() });
    started.use(gateway.process);
    return gateway;
  };
  const gateways = await Promise.all(Array.from({ length: options.gateways }, () => startGateway()));
  const adminKey = (await readFile(adminKeyFile, 'utf8')).trim();
  const all = stack.move();
  const dispose = () => all.disposeAsync();
  return { adminKey, redis, nats, replicas, gateways, startGateway, [Symbol.asyncDispose]: dispose };
}

/** One after the other: the first of them makes the admin key. */
async function startReplicas(
  stack: AsyncDisposableStack,
  count: number,
  settings: Settings,
): Promise<ClusterReplica[]> {
  const replicas: ClusterReplica[] = [];
  while (replicas.length < count) {
    const port = String(await freePort());
    const env = {
      ...{ KEYS_GRPC_PORT: port, HEALTH_PORT: String(await freePort()) },
      // Nobody is there, which the service bears.
      ...{ AUDIT_GRPC_URL: '127.0.0.1:9', AUDIT_GRPC_TOKEN: grpcToken },
      ...settings,
    };
    const spawn = () =>
      spawnService({ entry: 'services/keys/src/main.ts', env, readyTimeoutMs: READY_TIMEOUT_MS });
    const replica: ClusterReplica = {
      address: `127.0.0.1:${port}`,
      process: await spawn(),
      start: async () => {
        replica.process = await spawn();
      },
    };
    stack.defer(async () => void (await replica.process.stop()));
    replicas.push(replica);
  }
  return replicas;
}

async function spawnGateway(settings: Settings): Promise<ClusterGateway> {
  const port = await freePort();
  const process = await spawnService({
    entry: 'services/gateway/src/main.ts',
    readyTimeoutMs: READY_TIMEOUT_MS,
    env: {
      ...{ GATEWAY_PORT: String(port), HEALTH_PORT: String(await freePort()) },
      KEYS_GRPC_TOKEN: grpcToken,
      // Nobody asks for usage or the audit log.
      ...{ USAGE_GRPC_URL: '127.0.0.1:9', USAGE_GRPC_TOKEN: grpcToken },
      ...{ AUDIT_GRPC_URL: '127.0.0.1:9', AUDIT_GRPC_TOKEN: grpcToken },
      // Clients of a test leave their connections open.
      SHUTDOWN_IDLE_MS: '100',
      ...settings,
    },
  });
  return { url: `http://127.0.0.1:${port}`, port, process };
}
