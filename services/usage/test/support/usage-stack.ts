/** Usage services as processes, on a Postgres and a NATS of their own, and buses of those who publish for them. */
import { services } from '@hokusai/contracts';
import { type Bus, openBus } from '@hokusai/service-kit';
import {
  createNats,
  createPostgresServer,
  eventually,
  freePort,
  grpcCallers,
  spawnService,
  streamMessages,
  type TestDatabase,
  type TestNats,
  type TestPostgres,
  type TestService,
} from '@hokusai/testing';
import { poolOf, silent } from './usage-database.ts';

export interface DeadLetter {
  consumer: string;
  reason: string;
  payload_base64: string;
  payload_bytes?: number;
}

export interface UsageStack {
  postgres: TestPostgres;
  database: TestDatabase;
  pool: ReturnType<typeof poolOf>;
  nats: TestNats;
  gateway: Bus;
  keys: Bus;
  /** Starts another replica. */
  start(options?: { grpcPort?: number }): Promise<TestService>;
  deadLetters(): Promise<DeadLetter[]>;
  close(): Promise<void>;
}

/** Without a service yet. */
export async function startUsageStack(): Promise<UsageStack> {
  const [postgres, nats] = await Promise.all([createPostgresServer(), createNats({ ackWaitMs: 2000 })]);
  const database = await postgres.createDatabase('usage');
  const pool = poolOf(database.url);
  const busTo = (url: string) => openBus({ url, name: 'test', publishTimeoutMs: 30_000, logger: silent });
  const [gateway, keys] = [busTo(nats.urls.gateway), busTo(nats.urls.keys)];
  await eventually(() => Promise.all([gateway.check(), keys.check()]));
  const replicas: TestService[] = [];
  return {
    ...{ postgres, database, pool, nats, gateway, keys },
    start: async ({ grpcPort } = {}) => {
      const env = {
        USAGE_DATABASE_URL: database.url,
        NATS_URL: nats.urls.usage,
        USAGE_GRPC_PORT: String(grpcPort ?? (await freePort())),
        USAGE_GRPC_CALLERS: grpcCallers(services.usage),
        HEALTH_PORT: String(await freePort()),
      };
      const replica = await spawnService({ entry: 'services/usage/src/main.ts', env });
      replicas.push(replica);
      return replica;
    },
    deadLetters: async () =>
      (await streamMessages(nats.urls.admin, 'DEADLETTER')).map(({ data }) => data as DeadLetter),
    close: async () => {
      await Promise.all([gateway.close(), keys.close(), pool.end()]);
      await Promise.all(replicas.map((replica) => replica.stop()));
      await nats.close();
      await postgres.close();
    },
  };
}
