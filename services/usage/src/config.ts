/** The only reader of the environment. Every variable may also come from a file: `NAME_FILE`. */
import { services } from '@hokusai/contracts';
import {
  about,
  type ConfigOf,
  databaseUrl,
  defineConfig,
  grpcServerRule,
  grpcServerVariables,
  healthVariables,
  logVariables,
  natsRule,
  natsVariables,
  ownPortsRule,
  traceVariables,
  variable,
} from '@hokusai/service-kit';

const ownDatabase = () => about("The service's database, as the service's role.", databaseUrl());

/**
 * What comes late comes up to eight days late, and may have waited at the broker for another seven: then its day's
 * requests must still be there, of which rollups are made anew, and what else its hour and its day are made of.
 */
const retentionVariables = {
  USAGE_RETENTION_DAYS: about('For how many days requests are kept.', variable.integer(16, 3660).default(90)),
  USAGE_MINUTE_RETENTION_DAYS: about(
    'For how many days sums of minutes are kept.',
    variable.integer(17, 3660).default(30),
  ),
  USAGE_HOUR_RETENTION_DAYS: about(
    'For how many days sums of hours are kept.',
    variable.integer(17, 3660).default(400),
  ),
  USAGE_DAY_RETENTION_DAYS: about(
    'For how many days sums of days are kept.',
    variable.integer(17, 36_600).default(1826),
  ),
};

/** Configuration of the service. */
export const serviceConfig = defineConfig(
  {
    USAGE_DATABASE_URL: ownDatabase(),
    USAGE_DATABASE_POOL: about('Connections at most.', variable.integer(2, 200).default(10)),
    ...grpcServerVariables('USAGE', [services.usage]),
    ...healthVariables(),
    ...logVariables(),
    ...traceVariables(),
    ...natsVariables(),
    ...retentionVariables,
  },
  [grpcServerRule('USAGE'), ownPortsRule('USAGE_GRPC'), natsRule()],
);

/** Configuration of the migrations. */
export const migrationConfig = defineConfig({
  USAGE_OWNER_DATABASE_URL: about('The same database, as the role that owns the schema.', databaseUrl()),
  USAGE_DATABASE_URL: about("As the service's role, which is granted what it needs.", databaseUrl()),
});

/** Configuration of a rebuild of rollups. */
export const rebuildConfig = defineConfig({ USAGE_DATABASE_URL: ownDatabase() });

/** As the store takes it. */
export function retentionOf(config: Record<keyof typeof retentionVariables, number>) {
  return {
    raw: config.USAGE_RETENTION_DAYS,
    minute: config.USAGE_MINUTE_RETENTION_DAYS,
    hour: config.USAGE_HOUR_RETENTION_DAYS,
    day: config.USAGE_DAY_RETENTION_DAYS,
  };
}

export type ServiceConfig = ConfigOf<typeof serviceConfig>;
