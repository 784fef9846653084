/** The only reader of the environment. Every variable may also come from a file: `NAME_FILE`. */
import { services } from '@hokusai/contracts';
import {
  type Environment,
  grpcServerRule,
  grpcServerVariables,
  LOG_LEVELS,
  loadConfig,
  variable,
} from '@hokusai/service-kit';

const databaseUrl = () => variable.url('postgres', 'postgresql');

/** Configuration of the service. Throws ConfigError with all problems. */
export const loadServiceConfig = (env: Environment = process.env) =>
  loadConfig(
    {
      AUDIT_DATABASE_URL: databaseUrl(),
      AUDIT_DATABASE_POOL: variable.integer(2, 200).default(10),
      ...grpcServerVariables('AUDIT', [services.audit]),
      HEALTH_HOST: variable.text().default('127.0.0.1'),
      HEALTH_PORT: variable.port().default(0),
      NATS_URL: variable.url('nats', 'tls'),
      LOG_LEVEL: variable.oneOf(LOG_LEVELS).default('info'),
    },
    env,
    [grpcServerRule('AUDIT')],
  );

/** Configuration of the migrations. Throws ConfigError with all problems. */
export const loadMigrationConfig = (env: Environment = process.env) =>
  loadConfig({ AUDIT_OWNER_DATABASE_URL: databaseUrl(), AUDIT_DATABASE_URL: databaseUrl() }, env);
