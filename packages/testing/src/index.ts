/**
 * Real backends for tests: Postgres, Redis, NATS with JetStream and MLflow, and our own services as processes.
 *
 * Where each comes from: a URL in the environment (`TEST_POSTGRES_URL` of a superuser, `TEST_REDIS_URL`,
 * `TEST_NATS_URL`, `TEST_MLFLOW_URL`); else, for the first three, a container, if a Docker daemon answers and
 * has the image; else a local process, whose program is installed into `.hokusai/` on first use (give the
 * `before` hook that may do so two minutes).
 *
 *     const database = await createDatabase('keys');        // migrated; its own, on the run's shared server
 *     const postgres = await createPostgresServer();        // a server of its own, to break
 *     const redis = await createRedis();                    // its own, empty
 *     const nats = await createNats();                      // its own, streams and consumers provisioned
 *     const { url, python } = await sharedMlflow();         // the run's one MLflow; createMlflow() for one to break
 *     const { dataDirectory } = await createLocalMlflow();  // and mlflowContents(dataDirectory): what it has stored
 *     const keys = await spawnService({ entry: 'services/keys/src/main.ts', env: { … } });
 *     const cluster = await startCluster({ replicas: 2, gateways: 2, upstreamUrl });
 *
 *     await redis.pause();                                  // also resume, stop, kill, start: same address and data
 *     await eventually(async () => assert.equal(await count(), 1));
 *     await redis.close();                                  // or `await using`, or leave it to the end of the run
 *
 * Isolation: a test gets its own database, Redis and NATS server (they start in tens of milliseconds), so no
 * test sees another's rows, keys or messages. MLflow takes seconds to start and is shared unless asked for.
 *
 * Whatever is left open is closed after mocha's last test. Should the run be interrupted or killed, a small
 * shell that notices ends the processes and removes the files.
 */

export { freePort } from '@hokusai/local-stack';
export { type BusListener, listenToBus } from './bus-listener.ts';
export { CertificateAuthority, type Identity } from './certificates.ts';
export {
  type Cluster,
  type ClusterGateway,
  type ClusterOptions,
  type ClusterReplica,
  startCluster,
} from './cluster.ts';
export { type Dump, dumpJetStream, dumpPostgres, dumpRedis } from './dump.ts';
export { type EventuallyOptions, eventually } from './eventually.ts';
export { grpcAdmission, grpcCallers, grpcToken } from './grpc.ts';
export {
  createLocalMlflow,
  createMlflow,
  createMlflow2,
  type LocalMlflow,
  type MlflowEndpoint,
  sharedMlflow,
  sharedMlflow2,
  type TestMlflow,
} from './mlflow.ts';
export { type MlflowContents, mlflowContents } from './mlflow-contents.ts';
export { createNats, type NatsTestOptions, readStreamsAnew, type TestNats } from './nats.ts';
export {
  createDatabase,
  createPostgresServer,
  type DatabaseOptions,
  type DatabaseService,
  type PostgresServerOptions,
  type TestDatabase,
  type TestPostgres,
} from './postgres.ts';
export { backUpDatabase, restoreDatabase } from './postgres-dump.ts';
export { growthDuring, residentBytes } from './process-memory.ts';
export { pythonEnvironment } from './python.ts';
export { createRedis, type TestRedis } from './redis.ts';
export { createRedisCluster, type TestRedisCluster } from './redis-cluster.ts';
export { type Replicas, type StartedStack, startReplicas } from './replicas.ts';
export { closeAll as closeTestBackends } from './run.ts';
export type { TestServer } from './server.ts';
export { type ServiceOptions, spawnService, type TestService } from './service.ts';
export { consumerBacklog, type StreamMessage, streamMessages } from './stream-messages.ts';
export { startTcpBalancer, type TcpBalancer } from './tcp-balancer.ts';
export { startTlsFront, type TlsFront } from './tls-front.ts';
