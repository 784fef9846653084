/** Who gets which address and secret in the containers of compose.yaml: the plan of a local start, with their names. */
import { randomBytes } from 'node:crypto';
import { loadStartConfig, type PortVariable } from '../config.ts';
import { createPlan, type Plan, type PlanOptions } from '../supervisor/plan.ts';

/** Ports within the containers' network. */
export const PORTS_IN_CONTAINERS = {
  GATEWAY_PORT: 8080,
  POSTGRES_PORT: 5432,
  REDIS_PORT: 6379,
  NATS_PORT: 4222,
  MLFLOW_PORT: 5000,
  KEYS_GRPC_PORT: 9000,
  USAGE_GRPC_PORT: 9000,
  AUDIT_GRPC_PORT: 9000,
  GATEWAY_HEALTH_PORT: 8081,
  KEYS_HEALTH_PORT: 8081,
  USAGE_HEALTH_PORT: 8081,
  AUDIT_HEALTH_PORT: 8081,
} as const satisfies Record<PortVariable, number>;

/** Names of the services of compose.yaml, by which containers find each other. */
const HOSTS = {
  postgres: 'postgres',
  redis: 'redis',
  nats: 'nats',
  mlflow: 'mlflow',
  keys: 'keys',
  usage: 'usage',
  audit: 'audit',
};

/**
 * `saved` is the file `env` of the first start: passwords and rings stay as they are. `seen` says how the containers are
 * reached from elsewhere than their own network.
 */
export function containerPlan(
  saved: Readonly<Record<string, string>>,
  seen: Partial<Pick<PlanOptions, 'hosts' | 'ports'>> = {},
): Plan {
  return createPlan({
    config: loadStartConfig({}),
    saved,
    ports: PORTS_IN_CONTAINERS,
    hosts: HOSTS,
    ...seen,
    adminKeyFile: '',
    spoolDirectory: '',
    checkpointDirectory: '',
    random: (bytes) => randomBytes(bytes).toString('base64url'),
  });
}
