/** Local servers without Docker: what `npm start` runs and what tests run against. */
export type { Backend, BackendOptions } from './backends/backend.ts';
export { type MlflowBackend, startMlflow } from './backends/mlflow.ts';
export {
  NATS_USERS,
  type NatsBackend,
  type NatsUser,
  natsConfiguration,
  startNats,
} from './backends/nats.ts';
export { type PostgresBackend, startPostgres } from './backends/postgres.ts';
export {
  createDatabase,
  type DatabaseDefinition,
  databaseUrl,
  dropDatabase,
  provisionDatabase,
} from './backends/postgres-databases.ts';
export { type RedisBackend, startRedis } from './backends/redis.ts';
export { loadStartConfig, PORT_VARIABLES, type PortVariable } from './config.ts';
export { containerPlan, PORTS_IN_CONTAINERS } from './containers/plan.ts';
export { SERVICE_SECRETS } from './containers/secret-files.ts';
export { freePort } from './os/ports.ts';
export {
  type Exit,
  lastLines,
  ProcessFailure,
  type RunningProcess,
  signalTree,
  startProcess,
  stopProcess,
  whenReady,
} from './os/processes.ts';
export { CommandError, runCommand } from './os/run-command.ts';
export { createToolbox, type Toolbox } from './python/toolbox.ts';
export { createPlan } from './supervisor/plan.ts';
