/** What every service is built with: configuration, logs, lifecycle, health, Postgres, NATS, Redis, gRPC. */
export * from './clock.ts';
export * from './config.ts';
export {
  about,
  describeConfig,
  describeShape,
  HIDDEN,
  ofKind,
  type ShownValue,
  secret,
  shown,
  shownUrl,
  type VariableFacts,
} from './config-description.ts';
export { collectInOneThread, keepHeapSmall } from './garbage-collector.ts';
export type { CallerEntry, MethodPaths } from './grpc/callers.ts';
export { logFailedCalls } from './grpc/error-log.ts';
export * from './grpc/server.ts';
export { reportHealth } from './grpc/serving.ts';
export {
  grpcClientOptions,
  grpcClientRule,
  grpcClientVariables,
  grpcServerOptions,
  grpcServerRule,
  grpcServerVariables,
} from './grpc/variables.ts';
export * from './health.ts';
export * from './lifecycle.ts';
export { type LineOutput, openLineOutput } from './line-output.ts';
export { collide, type ListeningAddress, listenAt, ownPortsRule } from './listening.ts';
export * from './log.ts';
export { type Bus, type BusOptions, openBus } from './nats/bus.ts';
export { type BusMessage, type DeliveredMessage, parseJson } from './nats/bus-message.ts';
export * from './nats/permissions.ts';
export * from './nats/provision.ts';
export { handleReadable } from './nats/unreadable.ts';
export { type ListenerOptions, listenToPostgres, type PostgresListener } from './postgres/listener.ts';
export * from './postgres/migrate.ts';
export * from './postgres/pool.ts';
export { COPY_HEADER, COPY_TRAILER, RowWriter } from './postgres/row-writer.ts';
export * from './redis.ts';
export * from './repeat.ts';
export * from './service-variables.ts';
export * from './telemetry/index.ts';
export * from './tls/client-variables.ts';
export { type CurrentCertificates, followCertificates } from './tls/current.ts';
export { certificates, pairProblems, privateKey } from './tls/pem.ts';
export * from './wakeup.ts';
export { runWorkers } from './workers/run.ts';
export type { ServingProcess } from './workers/self.ts';
