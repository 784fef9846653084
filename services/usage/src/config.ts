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

const logLevel = () => variable.oneOf(LOG_LEVELS).default('info');
const databaseUrl = () => variable.url('postgres', 'postgresql');

/**
 * For how many days requests and rollups are kept. What comes late comes up to eight days late, and may have waited at
 * the broker for another seven: then its day's requests must still be there, of which rollups are made anew, and what
 * else its hour and its day are made of.
 */
const retentionVariables = {
  USAGE_RETENTION_DAYS: variable.integer(16, 3660).default(90),
  USAGE_MINUTE_RETENTION_DAYS: variable.integer(17, 3660).default(30),
  USAGE_HOUR_RETENTION_DAYS: variable.integer(17, 3660).default(400),
  USAGE_DAY_RETENTION_DAYS: variable.integer(17, 36_600).default(1826),
};

/** Configuration of the service. Throws ConfigError with all problems. */
export const loadServiceConfig = (env: Environment = process.env) =>
  loadConfig(
    {
      USAGE_DATABASE_URL: databaseUrl(),
      USAGE_DATABASE_POOL: variable.integer(2, 200).default(10),
      ...grpcServerVariables('USAGE', [services.usage]),
      HEALTH_HOST: variable.text().default('127.0.0.1'),
      HEALTH_PORT: variable.port().default(0),
      NATS_URL: variable.url('nats', 'tls'),
      ...retentionVariables,
      LOG_LEVEL: logLevel(),
    },
    env,
    [grpcServerRule('USAGE')],
  );

/** Configuration of the migrations. Throws ConfigError with all problems. */
export const loadMigrationConfig = (env: Environment = process.env) =>
  loadConfig({ USAGE_OWNER_DATABASE_URL: databaseUrl(), USAGE_DATABASE_URL: databaseUrl() }, env);

/** Configuration of a rebuild of rollups. Throws ConfigError with all problems. */
export const loadRebuildConfig = (env: Environment = process.env) =>
  loadConfig({ USAGE_DATABASE_URL: databaseUrl() }, env);

/** As the store takes it. */
export function retentionOf(config: Record<keyof typeof retentionVariables, number>) {
  return {
    raw: config.USAGE_RETENTION_DAYS,
    minute: config.USAGE_MINUTE_RETENTION_DAYS,
    hour: config.USAGE_HOUR_RETENTION_DAYS,
    day: config.USAGE_DAY_RETENTION_DAYS,
  };
}
