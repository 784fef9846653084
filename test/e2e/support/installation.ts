/** Audit, usage, keys and a gateway as processes, on databases, a broker and a Redis that the caller has. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { services } from '@hokusai/contracts';
import {
  type DatabaseService,
  freePort,
  grpcCallers,
  grpcToken,
  spawnService,
  type TestDatabase,
  type TestNats,
  type TestRedis,
  type TestService,
} from '@hokusai/testing';

export type Databases = Readonly<Record<DatabaseService, TestDatabase>>;

/** What an installation has outside of its databases, and keeps when they are lost. */
export interface Surroundings {
  nats: TestNats;
  redis: TestRedis;
  upstreamUrl: string;
  /** Where `admin.key` is written at the first start. */
  folder: string;
  secrets: Secrets;
}

export interface Secrets {
  peppers: string;
  tags: string;
  cache: string;
  signing: string;
}

export interface Installation extends AsyncDisposable {
  /** Of the gateway. */
  url: string;
  /** Of the keys service's gRPC; all callers have `grpcToken`. */
  keysAddress: string;
  stop(): Promise<void>;
}

export function newSecrets(): Secrets {
  const ring = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
  return { peppers: ring('p'), tags: ring('t'), cache: ring('c'), signing: ring('s') };
}

/** Who is called before who calls; resolves when all are ready. `checkpoints` is a folder's name. */
export async function startInstallation(
  { nats, redis, upstreamUrl, folder, secrets }: Surroundings,
  databases: Databases,
  checkpoints: string,
): Promise<Installation> {
  const running: TestService[] = [];
  const stop = async () => {
    for (const service of running.splice(0).reverse()) await service.stop();
  };
  const ports = { audit: await freePort(), usage: await freePort(), keys: await freePort() };
  const port = await freePort();
  const start = async (name: string, env: Record<string, string>) => {
    const health = { HEALTH_PORT: String(await freePort()) };
    const entry = `services/${name}/src/main.ts`;
    running.push(await spawnService({ entry, env: { ...env, ...health } }));
  };
  const at = (name: keyof typeof ports) => {
    const prefix = name.toUpperCase();
    return { [`${prefix}_GRPC_URL`]: `127.0.0.1:${ports[name]}`, [`${prefix}_GRPC_TOKEN`]: grpcToken };
  };
  const serving = (name: keyof typeof ports, ...offered: object[]) => {
    const prefix = name.toUpperCase();
    return {
      [`${prefix}_DATABASE_URL`]: databases[name].url,
      [`${prefix}_GRPC_PORT`]: String(ports[name]),
      [`${prefix}_GRPC_CALLERS`]: grpcCallers(...offered),
      NATS_URL: nats.urls[name],
    };
  };
  const ofKeys = [services.keyValidation, services.keyManagement, services.userManagement];
  try {
    await start('audit', {
      ...serving('audit', services.audit),
      AUDIT_SIGNING_KEYS: secrets.signing,
      AUDIT_CHECKPOINT_DIR: join(folder, checkpoints),
    });
    await start('usage', serving('usage', services.usage));
    await start('keys', {
      ...serving('keys', ...ofKeys, services.auditWitness),
      ...at('audit'),
      KEY_PEPPERS: secrets.peppers,
      KEY_TAG_SECRETS: secrets.tags,
      BOOTSTRAP_ADMIN_KEY_FILE: join(folder, 'admin.key'),
    });
    await start('gateway', {
      ...{ ...at('keys'), ...at('usage'), ...at('audit') },
      GATEWAY_PORT: String(port),
      NATS_URL: nats.urls.gateway,
      REDIS_URL: redis.url,
      CACHE_SECRETS: secrets.cache,
      KEY_TAG_SECRETS: secrets.tags,
      MLFLOW_UPSTREAM_URL: upstreamUrl,
      USAGE_SPOOL_DIR: join(folder, 'spool'),
      SHUTDOWN_IDLE_MS: '100',
    });
  } catch (error) {
    await stop();
    throw error;
  }
  const [url, keysAddress] = [`http://127.0.0.1:${port}`, `127.0.0.1:${ports.keys}`];
  return { url, keysAddress, stop, [Symbol.asyncDispose]: stop };
}
