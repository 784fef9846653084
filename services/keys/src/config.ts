/** The only reader of the environment. Every variable may also come from a file: `NAME_FILE`. */
import { availableParallelism } from 'node:os';
import { services } from '@hokusai/contracts';
import { GRACE_LIMIT_SECONDS } from '@hokusai/contracts/fields';
import {
  type Environment,
  grpcClientRule,
  grpcClientVariables,
  grpcServerRule,
  grpcServerVariables,
  LOG_LEVELS,
  loadConfig,
  variable,
} from '@hokusai/service-kit';

const INT_MAX = 2_147_483_647;
/** Ten years: a longer life is better said by no limit. */
const MAX_TTL_DAYS = 3650;

const databaseUrl = () => variable.url('postgres', 'postgresql');

const database = {
  KEYS_DATABASE_URL: databaseUrl(),
  KEYS_DATABASE_POOL: variable.integer(2, 200).default(20),
};

const logging = { LOG_LEVEL: variable.oneOf(LOG_LEVELS).default('info') };

const hashing = {
  /** Newest first: the first makes digests, all of them prove. */
  KEY_PEPPERS: variable.secretRing(),
  ARGON2_MEMORY_KIB: variable.integer(8, INT_MAX).default(19_456),
  ARGON2_TIME_COST: variable.integer(1, 100).default(2),
  ARGON2_PARALLELISM: variable.integer(1, 16).default(1),
  /** Hashes at the same time. They run in libuv's threads, of which there are four. */
  ARGON2_CONCURRENCY: variable.integer(1, 64).default(Math.min(availableParallelism(), 3)),
  /** Hashes that wait; beyond it callers are told to come back. */
  ARGON2_QUEUE: variable.integer(0, 10_000).default(64),
};

const issuing = {
  /** Newest first. Empty: keys get a random tag. */
  KEY_TAG_SECRETS: variable.tagRing().default([]),
  DEFAULT_RATE_LIMIT_PER_HOUR: variable.integer(1, INT_MAX).default(20_000),
  DEFAULT_BURST_LIMIT: variable.integer(1, INT_MAX).default(100),
  DEFAULT_BURST_WINDOW_SECONDS: variable.integer(1, INT_MAX).default(1),
  MAX_KEYS_PER_USER: variable.integer(1, INT_MAX).default(50),
  KEY_DEFAULT_TTL_DAYS: variable.integer(1, MAX_TTL_DAYS).optional(),
  KEY_MAX_TTL_DAYS: variable.integer(1, MAX_TTL_DAYS).optional(),
  /** How long a replaced secret works where the rotation doesn't say. */
  ROTATION_GRACE_SECONDS: variable.integer(0, GRACE_LIMIT_SECONDS).default(86_400),
};

const bootstrap = {
  BOOTSTRAP_ADMIN_KEY_FILE: variable.text().optional(),
  /** Set by sudo; the audit log names who made an admin key. */
  SUDO_USER: variable.text().optional(),
};

const expiry = { EXPIRY_SWEEP_SECONDS: variable.integer(1, 3600).default(5) };

const serving = {
  ...grpcServerVariables('KEYS', [
    services.keyValidation,
    services.keyManagement,
    services.userManagement,
    services.auditWitness,
  ]),
  HEALTH_HOST: variable.text().default('127.0.0.1'),
  HEALTH_PORT: variable.port().default(0),
};

const messaging = {
  NATS_URL: variable.url('nats', 'tls'),
  ...grpcClientVariables('AUDIT'),
};

/** Configuration of the service. Throws ConfigError with all problems. */
export const loadServiceConfig = (env: Environment = process.env) =>
  loadConfig(
    { ...database, ...logging, ...hashing, ...issuing, ...bootstrap, ...expiry, ...serving, ...messaging },
    env,
    [grpcServerRule('KEYS'), grpcClientRule('AUDIT')],
  );
export type ServiceConfig = ReturnType<typeof loadServiceConfig>;
/** What the service and `bootstrap-admin` need alike. */
export type IssuingConfig = Pick<ServiceConfig, keyof typeof hashing | keyof typeof issuing>;

/** Configuration of `bootstrap-admin`; `file` goes before the variable. Throws ConfigError with all problems. */
export const loadBootstrapConfig = (file?: string, env: Environment = process.env) =>
  loadConfig(
    {
      ...database,
      ...logging,
      ...hashing,
      ...issuing,
      ...bootstrap,
      BOOTSTRAP_ADMIN_KEY_FILE: variable.text(),
    },
    file === undefined ? env : { ...env, BOOTSTRAP_ADMIN_KEY_FILE: file },
  );

/** Configuration of the migrations. Throws ConfigError with all problems. */
export const loadMigrationConfig = (env: Environment = process.env) =>
  loadConfig({ KEYS_OWNER_DATABASE_URL: databaseUrl(), KEYS_DATABASE_URL: databaseUrl() }, env);
