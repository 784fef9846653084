/** What a gateway needs around it: Postgres, Redis, NATS, the keys service, and keys that nothing limits. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createServiceClient, services } from '@hokusai/contracts';
import {
  createDatabase,
  createNats,
  createRedis,
  freePort,
  grpcCallers,
  grpcToken,
  spawnService,
  type TestService,
} from '@hokusai/testing';
import { moveToSubjectCore } from '../lib/cores.ts';

export interface Stack {
  redisUrl: string;
  /** Plaintexts of live keys that may do everything with MLflow, as often as they like. */
  keys: readonly string[];
  startGateway(upstreamUrl: string, settings?: Record<string, string>): Promise<Gateway>;
}

export interface Gateway {
  port: number;
  process: TestService;
}

/** As good as none. */
const UNLIMITED = 2 ** 31 - 1;
const SCOPES = ['mlflow:read', 'mlflow:write', 'mlflow:delete', 'mlflow:invoke'];
const GATEWAY = 'services/gateway/src/main.ts';

const ringOf = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;

export async function startStack(folder: string, keyCount: number): Promise<Stack> {
  const [database, redis, nats] = await Promise.all([createDatabase('keys'), createRedis(), createNats()]);
  const rings = { tags: ringOf('tag'), cache: ringOf('cache') };
  const keysPort = await freePort();
  const adminKeyFile = join(mkdtempSync(join(folder, 'keys-')), 'admin.key');
  await spawnService({
    entry: 'services/keys/src/main.ts',
    env: {
      KEYS_DATABASE_URL: database.url,
      KEYS_GRPC_PORT: String(keysPort),
      KEYS_GRPC_CALLERS: grpcCallers(services.keyManagement, services.userManagement, services.keyValidation),
      HEALTH_PORT: String(await freePort()),
      KEY_PEPPERS: ringOf('pepper'),
      KEY_TAG_SECRETS: rings.tags,
      BOOTSTRAP_ADMIN_KEY_FILE: adminKeyFile,
      MAX_KEYS_PER_USER: '1000000',
      NATS_URL: nats.urls.keys,
      AUDIT_GRPC_URL: '127.0.0.1:9',
      AUDIT_GRPC_TOKEN: grpcToken,
      LOG_LEVEL: 'error',
    },
    readyTimeoutMs: 60_000,
  });
  const address = `127.0.0.1:${keysPort}`;
  return {
    redisUrl: redis.url,
    keys: await createKeys(address, readFileSync(adminKeyFile, 'utf8').trim(), keyCount),
    startGateway: async (upstreamUrl, settings = {}) => {
      const port = await freePort();
      const process = await spawnService({
        entry: GATEWAY,
        env: {
          GATEWAY_PORT: String(port),
          HEALTH_PORT: String(await freePort()),
          KEYS_GRPC_URL: address,
          KEYS_GRPC_TOKEN: grpcToken,
          // Nobody asks for usage.
          USAGE_GRPC_URL: '127.0.0.1:9',
          USAGE_GRPC_TOKEN: grpcToken,
          AUDIT_GRPC_URL: '127.0.0.1:9',
          AUDIT_GRPC_TOKEN: grpcToken,
          REDIS_URL: redis.url,
          NATS_URL: nats.urls.gateway,
          MLFLOW_UPSTREAM_URL: upstreamUrl,
          CACHE_SECRETS: rings.cache,
          KEY_TAG_SECRETS: rings.tags,
          NODE_ENV: 'production',
          ...settings,
        },
      });
      await moveToSubjectCore(process.pid);
      return { port, process };
    },
  };
}

async function createKeys(address: string, adminKey: string, count: number): Promise<string[]> {
  const peer = { peer: 'keys service', address, timeoutMs: 60_000, token: grpcToken };
  const management = createServiceClient(services.keyManagement, peer);
  const validation = createServiceClient(services.keyValidation, peer);
  try {
    const { proof } = await validation.call('ValidateKey', { key: adminKey });
    const caller = { actingKeyId: proof?.keyId ?? '', requestId: 'bench' };
    const keys: string[] = [];
    while (keys.length < count) {
      const { plaintext } = await management.call('CreateKey', {
        caller,
        name: 'bench',
        scopes: { scopes: SCOPES },
        rateLimitPerHour: UNLIMITED,
        burstLimit: UNLIMITED,
      });
      keys.push(plaintext);
    }
    return keys;
  } finally {
    management.close();
    validation.close();
  }
}
