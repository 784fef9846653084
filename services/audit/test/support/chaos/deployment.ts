/** Keys, gateway and audit as they run, each with the servers that it needs; all but Redis can be killed. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createServiceClient, type ServiceClient, services } from '@hokusai/contracts';
import {
  createNats,
  createPostgresServer,
  createRedis,
  eventually,
  freePort,
  grpcCallers,
  grpcToken,
  type TestDatabase,
  type TestNats,
  type TestServer,
} from '@hokusai/testing';
import { supervise } from './supervised.ts';

export const VICTIMS = ['keys', 'gateway', 'audit', 'NATS', 'keys Postgres', 'audit Postgres'] as const;
export type Victim = (typeof VICTIMS)[number];

export interface Deployment extends AsyncDisposable {
  /** Of the gateway. */
  url: string;
  /** With all rights. */
  adminKey: string;
  nats: TestNats;
  keysDatabase: TestDatabase;
  auditDatabase: TestDatabase;
  audit: ServiceClient<typeof services.audit>;
  /** kill -9; a server is started again after `downMs`, a service by its supervisor. */
  kill(victim: Victim, downMs: number): Promise<void>;
  /** Resolves when all of them are ready. */
  ready(): Promise<void>;
}

/** Where a key's row has none. */
export const DEFAULT_BURST = { limit: 100_000, windowSeconds: 1 };
/** Instead of the broker's 30 s: what a killed consumer had in hand is to be seen again soon. */
const ACK_WAIT_MS = 2000;

const ringOf = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;

/** @param prepare the keys database, before the service first sees it */
export async function startDeployment(
  prepare: (database: TestDatabase) => Promise<void>,
): Promise<Deployment> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'hokusai-chaos-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const servers = await Promise.all([
    createPostgresServer(),
    createPostgresServer(),
    createNats({ ackWaitMs: ACK_WAIT_MS }),
    createRedis(),
  ]);
  for (const server of servers) stack.use(server);
  const [keysPostgres, auditPostgres, nats, redis] = servers;
  const keysDatabase = await keysPostgres.createDatabase('keys');
  const auditDatabase = await auditPostgres.createDatabase('audit');
  await prepare(keysDatabase);

  const ports = { keys: await freePort(), audit: await freePort(), gateway: await freePort() };
  const tags = { KEY_TAG_SECRETS: ringOf('t') };
  const adminKeyFile = join(folder, 'admin.key');
  const start = async (service: string, env: Readonly<Record<string, string>>) => {
    const HEALTH_PORT = String(await freePort());
    const process = await supervise(`services/${service}/src/main.ts`, {
      ...env,
      LOG_LEVEL: 'warn',
      HEALTH_PORT,
    });
    stack.defer(() => process.close());
    return process;
  };
  const audit = await start('audit', {
    AUDIT_DATABASE_URL: auditDatabase.url,
    NATS_URL: nats.urls.audit,
    AUDIT_GRPC_PORT: String(ports.audit),
    AUDIT_GRPC_CALLERS: grpcCallers(services.audit),
    AUDIT_SIGNING_KEYS: ringOf('s'),
    AUDIT_CHECKPOINT_DIR: join(folder, 'checkpoints'),
  });
  const keys = await start('keys', {
    ...tags,
    KEYS_DATABASE_URL: keysDatabase.url,
    KEYS_GRPC_PORT: String(ports.keys),
    KEYS_GRPC_CALLERS: grpcCallers(services.keyValidation, services.keyManagement, services.userManagement),
    KEY_PEPPERS: ringOf('p'),
    ARGON2_MEMORY_KIB: '64',
    ARGON2_TIME_COST: '1',
    MAX_KEYS_PER_USER: '100000',
    DEFAULT_RATE_LIMIT_PER_HOUR: '1000000',
    DEFAULT_BURST_LIMIT: String(DEFAULT_BURST.limit),
    DEFAULT_BURST_WINDOW_SECONDS: String(DEFAULT_BURST.windowSeconds),
    EXPIRY_SWEEP_SECONDS: '1',
    NATS_URL: nats.urls.keys,
    AUDIT_GRPC_URL: `127.0.0.1:${ports.audit}`,
    AUDIT_GRPC_TOKEN: grpcToken,
    BOOTSTRAP_ADMIN_KEY_FILE: adminKeyFile,
  });
  await Promise.all([audit.ready(), keys.ready()]);
  const gateway = await start('gateway', {
    ...tags,
    NATS_URL: nats.urls.gateway,
    GATEWAY_PORT: String(ports.gateway),
    KEYS_GRPC_URL: `127.0.0.1:${ports.keys}`,
    KEYS_GRPC_TOKEN: grpcToken,
    AUDIT_GRPC_URL: `127.0.0.1:${ports.audit}`,
    AUDIT_GRPC_TOKEN: grpcToken,
    // Nobody asks for usage, nor for MLflow.
    USAGE_GRPC_URL: '127.0.0.1:9',
    USAGE_GRPC_TOKEN: grpcToken,
    MLFLOW_UPSTREAM_URL: 'http://127.0.0.1:9',
    REDIS_URL: redis.url,
    CACHE_SECRETS: ringOf('c'),
    USAGE_SPOOL_DIR: join(folder, 'spool'),
    KEY_MAX_IN_FLIGHT: '1000',
    SHUTDOWN_IDLE_MS: '100',
  });
  await gateway.ready();

  const client = createServiceClient(services.audit, {
    peer: 'audit service',
    address: `127.0.0.1:${ports.audit}`,
    timeoutMs: 60_000,
    token: grpcToken,
  });
  stack.defer(() => client.close());
  const restart = (server: TestServer) => async (downMs: number) => {
    await server.kill();
    await pause(downMs);
    // A crash that took its time to be cleared away may still hold the port.
    await eventually(() => server.start());
  };
  const again = (service: { kill(): void }) => async () => service.kill();
  const kills: Readonly<Record<Victim, (downMs: number) => Promise<void>>> = {
    ...{ keys: again(keys), gateway: again(gateway), audit: again(audit), NATS: restart(nats) },
    ...{ 'keys Postgres': restart(keysPostgres), 'audit Postgres': restart(auditPostgres) },
  };
  const adminKey = (await readFile(adminKeyFile, 'utf8')).trim();
  const all = stack.move();
  return {
    ...{
      url: `http://127.0.0.1:${ports.gateway}`,
      adminKey,
      nats,
      keysDatabase,
      auditDatabase,
      audit: client,
    },
    kill: (victim, downMs) => kills[victim](downMs),
    ready: async () => void (await Promise.all([audit.ready(), keys.ready(), gateway.ready()])),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}
