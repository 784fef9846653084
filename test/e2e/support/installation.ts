/** Audit, usage, keys and a gateway as processes, on databases, a broker and a Redis that the caller has. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '@hokusai/contracts';
import {
  createNats,
  createRedis,
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
export interface Surroundings extends AsyncDisposable {
  nats: TestNats;
  redis: TestRedis;
  upstreamUrl: string;
  /** Where `admin.key` is written at the first start. */
  folder: string;
  secrets: Secrets;
}

interface Secrets {
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

/** NATS and Redis of their own, an upstream that answers `{}` to everything, a folder and secrets. */
export async function startSurroundings(): Promise<Surroundings> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'hokusai-installation-'));
  stack.defer(() => rm(folder, { recursive: true }));
  const upstream = createServer((_, response) => response.end('{}'));
  await new Promise<void>((resolve) => upstream.listen(0, '127.0.0.1', resolve));
  stack.defer(() => void upstream.close());
  const upstreamUrl = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  const nats = stack.use(await createNats());
  const redis = stack.use(await createRedis());
  const ring = (id: string) => `${id}:${randomBytes(32).toString('base64url')}`;
  const secrets = { peppers: ring('p'), tags: ring('t'), cache: ring('c'), signing: ring('s') };
  const all = stack.move();
  const close = () => all.disposeAsync();
  return { nats, redis, upstreamUrl, folder, secrets, [Symbol.asyncDispose]: close };
}

/** Of a request to the upstream. */
export async function statusOfRequest(gatewayUrl: string, key: string): Promise<number> {
  const response = await fetch(`${gatewayUrl}/mlflow/api/2.0/mlflow/experiments/search`, {
    headers: { authorization: `Bearer ${key}` },
  });
  await response.arrayBuffer();
  return response.status;
}

/** That `migrate.ts` of a service finds nothing to do in its database. */
export async function assertUpToDate(
  service: DatabaseService,
  { url, ownerUrl }: TestDatabase,
): Promise<void> {
  const name = service.toUpperCase();
  const migrating = await spawnService({
    entry: `services/${service}/src/migrate.ts`,
    env: { [`${name}_DATABASE_URL`]: url, [`${name}_OWNER_DATABASE_URL`]: ownerUrl },
    readyUrl: null,
  });
  assert.equal((await migrating.exited).code, 0, migrating.output());
  assert.match(migrating.output(), /the schema is up to date/);
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
