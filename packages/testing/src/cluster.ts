/** Replicas of the keys service and gateways, as processes, on a Postgres database and a Redis of their own. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '@hokusai/local-stack';
import { grpcToken } from './grpc.ts';
import { createDatabase } from './postgres.ts';
import { createRedis, type TestRedis } from './redis.ts';
import { spawnService, type TestService } from './service.ts';

export interface ClusterOptions {
  replicas: number;
  gateways: number;
  /** What the gateways forward to. */
  upstreamUrl: string;
  /** Who may call the keys services: `grpcCallers` of all their interfaces, since gateways call each. */
  keysCallers: string;
  keysSettings?: Readonly<Record<string, string>>;
  gatewaySettings?: Readonly<Record<string, string>>;
  /** Where a gateway is told to find these replicas; by default there where they listen. */
  reach?: (replicas: readonly string[]) => Promise<readonly string[]>;
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
  replicas: readonly ClusterReplica[];
  gateways: readonly ClusterGateway[];
  /** One more. */
  startGateway(): Promise<ClusterGateway>;
}

/** Nobody is there, which all of them bear. */
const NATS_URL = 'nats://nobody:none@127.0.0.1:9';
const READY_TIMEOUT_MS = 60_000;

const ringOf = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;

export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'hokusai-cluster-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const database = stack.use(await createDatabase('keys'));
  const redis = stack.use(await createRedis());
  const [tags, cache, pepper] = [ringOf('t'), ringOf('c'), ringOf('p')];
  const adminKeyFile = join(folder, 'admin.key');
  const replicas: ClusterReplica[] = [];
  for (let count = 0; count < options.replicas; count += 1) {
    const port = String(await freePort());
    const replica = await startReplica({
      ...{ NATS_URL, KEYS_DATABASE_URL: database.url, KEYS_GRPC_PORT: port },
      ...{
        KEYS_GRPC_CALLERS: options.keysCallers,
        KEY_PEPPERS: pepper,
        KEY_TAG_SECRETS: tags,
        BOOTSTRAP_ADMIN_KEY_FILE: adminKeyFile,
      },
      ...options.keysSettings,
    });
    stack.defer(async () => void (await replica.process.stop()));
    replicas.push(replica);
  }
  const gatewayProcesses = stack.use(new AsyncDisposableStack());
  const startGateway = async (): Promise<ClusterGateway> => {
    const addresses = replicas.map(({ address }) => address);
    const port = await freePort();
    const process = await spawnService({
      entry: 'services/gateway/src/main.ts',
      readyTimeoutMs: READY_TIMEOUT_MS,
      env: {
        ...{ NATS_URL, REDIS_URL: redis.url, MLFLOW_UPSTREAM_URL: options.upstreamUrl },
        ...{ GATEWAY_PORT: String(port), HEALTH_PORT: String(await freePort()) },
        ...{
          KEYS_GRPC_URL: ((await options.reach?.(addresses)) ?? addresses).join(),
          KEYS_GRPC_TOKEN: grpcToken,
        },
        ...{ CACHE_SECRETS: cache, KEY_TAG_SECRETS: tags },
        // Clients of a test leave their connections open.
        SHUTDOWN_IDLE_MS: '100',
        ...options.gatewaySettings,
      },
    });
    gatewayProcesses.use(process);
    return { url: `http://127.0.0.1:${port}`, port, process };
  };
  const gateways: ClusterGateway[] = [];
  for (let count = 0; count < options.gateways; count += 1) gateways.push(await startGateway());
  const adminKey = (await readFile(adminKeyFile, 'utf8')).trim();
  const all = stack.move();
  return {
    adminKey,
    redis,
    replicas,
    gateways,
    startGateway,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startReplica(settings: Readonly<Record<string, string>>): Promise<ClusterReplica> {
  const env = {
    ...{ HEALTH_PORT: String(await freePort()), AUDIT_GRPC_URL: '127.0.0.1:9', AUDIT_GRPC_TOKEN: grpcToken },
    ...settings,
  };
  const spawn = () =>
    spawnService({ entry: 'services/keys/src/main.ts', env, readyTimeoutMs: READY_TIMEOUT_MS });
  const replica: ClusterReplica = {
    address: `127.0.0.1:${settings['KEYS_GRPC_PORT']}`,
    process: await spawn(),
    start: async () => {
      replica.process = await spawn();
    },
  };
  return replica;
}
