/**
 * The management API as it runs: a gateway and the keys service, two processes, on real Postgres and Redis;
 * usage and the audit log are made up.
 */
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@hokusai/contracts';
import {
  createDatabase,
  createNats,
  createRedis,
  freePort,
  grpcCallers,
  grpcToken,
  spawnService,
} from '@hokusai/testing';
import { startFakeAuditService } from './audit-service/fake.ts';
import { startFakeUsageService } from './usage-service/fake.ts';

export interface RealApi {
  url: string;
  port: number;
  /** With all rights. */
  adminKey: string;
  close(): Promise<void>;
}

const secret = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
/** Nobody is there, which the keys service has to bear. A gateway would try for seconds when it is stopped. */
const NOWHERE = 'nats://nobody:none@127.0.0.1:9';

export async function startRealApi(gatewaySettings: Record<string, string> = {}): Promise<RealApi> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'hokusai-api-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const database = stack.use(await createDatabase('keys'));
  const [redis, nats] = await Promise.all([createRedis(), createNats()]);
  stack.use(redis);
  stack.use(nats);
  const usage = stack.use(await startFakeUsageService());
  const audit = stack.use(await startFakeAuditService());
  const [port, keysPort] = [await freePort(), await freePort()];
  const tags = secret('t');
  const adminKeyFile = join(folder, 'admin.key');
  stack.use(
    await spawnService({
      entry: 'services/keys/src/main.ts',
      env: {
        NATS_URL: NOWHERE,
        KEYS_DATABASE_URL: database.url,
        // Tests ask faster than people do.
        DEFAULT_BURST_LIMIT: '100000',
        KEYS_GRPC_PORT: String(keysPort),
        KEYS_GRPC_CALLERS: grpcCallers(
          services.keyValidation,
          services.keyManagement,
          services.userManagement,
          services.auditWitness,
        ),
        HEALTH_PORT: String(await freePort()),
        KEY_PEPPERS: secret('p'),
        KEY_TAG_SECRETS: tags,
        ARGON2_MEMORY_KIB: '64',
        ARGON2_TIME_COST: '1',
        BOOTSTRAP_ADMIN_KEY_FILE: adminKeyFile,
        AUDIT_GRPC_URL: '127.0.0.1:9',
        AUDIT_GRPC_TOKEN: grpcToken,
      },
    }),
  );
  stack.use(
    await spawnService({
      entry: 'services/gateway/src/main.ts',
      env: {
        NATS_URL: nats.urls.gateway,
        GATEWAY_PORT: String(port),
        HEALTH_PORT: String(await freePort()),
        KEYS_GRPC_URL: `127.0.0.1:${keysPort}`,
        KEYS_GRPC_TOKEN: grpcToken,
        USAGE_GRPC_URL: usage.address,
        USAGE_GRPC_TOKEN: grpcToken,
        AUDIT_GRPC_URL: audit.address,
        AUDIT_GRPC_TOKEN: grpcToken,
        REDIS_URL: redis.url,
        MLFLOW_UPSTREAM_URL: 'http://127.0.0.1:9',
        CACHE_SECRETS: secret('c'),
        KEY_TAG_SECRETS: tags,
        SHUTDOWN_IDLE_MS: '100',
        ...gatewaySettings,
      },
    }),
  );
  const adminKey = (await readFile(adminKeyFile, 'utf8')).trim();
  const owned = stack.move();
  return { url: `http://127.0.0.1:${port}`, port, adminKey, close: () => owned.disposeAsync() };
}
