/** The only reader of the environment. Every variable may also come from a file: `NAME_FILE`. */
import { availableParallelism } from 'node:os';
import { services } from '@hokusai/contracts';
import { GRACE_LIMIT_SECONDS } from '@hokusai/contracts/fields';
import {
  about,
  type ConfigOf,
  databaseUrl,
  defineConfig,
  grpcClientRule,
  grpcClientVariables,
  grpcServerRule,
  grpcServerVariables,
  healthVariables,
  logVariables,
  natsRule,
  natsVariables,
  ofKind,
  ownPortsRule,
  shown,
  traceVariables,
  variable,
} from '@hokusai/service-kit';

const INT_MAX = 2_147_483_647;
/** Ten years: a longer life is better said by no limit. */
const MAX_TTL_DAYS = 3650;

const database = {
  KEYS_DATABASE_URL: about(
    "The service's database, as the service's role, on the primary, never on a standby.",
    databaseUrl(),
  ),
  KEYS_DATABASE_POOL: about(
    'Connections at most. Twelve more serve what gateways ask and follow.',
    variable.integer(2, 200).default(20),
  ),
};

const hashing = {
  KEY_PEPPERS: about(
    'Secrets of the digests that prove keys, newest first: the first makes digests, all of them prove. 32 bytes or more each.',
    variable.secretRing(),
  ),
  ARGON2_MEMORY_KIB: about(
    'Memory of one hash. Older hashes are renewed when their key is next proved by them.',
    variable.integer(8, INT_MAX).default(19_456),
  ),
  ARGON2_TIME_COST: about('Passes of one hash over its memory.', variable.integer(1, 100).default(2)),
  ARGON2_PARALLELISM: about('Lanes of one hash.', variable.integer(1, 16).default(1)),
  ARGON2_CONCURRENCY: about(
    "Hashes at the same time. They run in libuv's threads, of which there are four.",
    variable.integer(1, 64).default(Math.min(availableParallelism(), 3)),
    { defaultText: 'the number of processors, at most 3' },
  ),
  ARGON2_QUEUE: about(
    'Hashes that may wait. Beyond it callers are told when to come back.',
    variable.integer(0, 10_000).default(64),
  ),
};

const issuing = {
  KEY_TAG_SECRETS: about(
    'Secrets of the tags in keys, newest first, the same as the gateways have. Without them keys get a random tag.',
    variable.tagRing().default([]),
  ),
  DEFAULT_RATE_LIMIT_PER_HOUR: about(
    'Requests an hour of a key that names no limit.',
    variable.integer(1, INT_MAX).default(20_000),
  ),
  DEFAULT_BURST_LIMIT: about(
    'Requests within the burst window of a key that names no limit.',
    variable.integer(1, INT_MAX).default(100),
  ),
  DEFAULT_BURST_WINDOW_SECONDS: about('Length of that window.', variable.integer(1, INT_MAX).default(1)),
  MAX_KEYS_PER_USER: about('Working keys that a member may have.', variable.integer(1, INT_MAX).default(50)),
  KEY_DEFAULT_TTL_DAYS: about(
    'Life of a key that names no expiry. If absent, it has none.',
    variable.integer(1, MAX_TTL_DAYS).optional(),
  ),
  KEY_MAX_TTL_DAYS: about(
    'Longest life that a key may be given. If absent, any.',
    variable.integer(1, MAX_TTL_DAYS).optional(),
  ),
  ROTATION_GRACE_SECONDS: about(
    "How long a replaced secret works where the rotation doesn't say.",
    variable.integer(0, GRACE_LIMIT_SECONDS).default(86_400),
  ),
};

const adminKeyFile = () => ofKind('a path', shown(variable.text()));

const bootstrap = {
  BOOTSTRAP_ADMIN_KEY_FILE: about(
    'Where the first admin key is written, at the first start on an empty database, readable by its owner only.',
    adminKeyFile().optional(),
  ),
  SUDO_USER: about(
    'Set by sudo: the audit log names who made an admin key.',
    ofKind('a name', shown(variable.text())).optional(),
  ),
};

const expiry = {
  EXPIRY_SWEEP_SECONDS: about(
    'How often a replica looks for keys that have expired.',
    variable.integer(1, 3600).default(5),
  ),
};

const serving = {
  ...grpcServerVariables('KEYS', [
    services.keyValidation,
    services.keyManagement,
    services.userManagement,
    services.auditWitness,
  ]),
  ...healthVariables(),
  ...logVariables(),
  ...traceVariables(),
};

const messaging = {
  ...natsVariables(),
  ...grpcClientVariables('AUDIT'),
};

/** Configuration of the service. */
export const serviceConfig = defineConfig(
  { ...database, ...serving, ...messaging, ...hashing, ...issuing, ...expiry, ...bootstrap },
  [grpcServerRule('KEYS'), ownPortsRule('KEYS_GRPC'), grpcClientRule('AUDIT'), natsRule()],
);
export type ServiceConfig = ConfigOf<typeof serviceConfig>;
/** What the service and `bootstrap-admin` need alike. */
export type IssuingConfig = Pick<ServiceConfig, keyof typeof hashing | keyof typeof issuing>;

/** Configuration of `bootstrap-admin`. */
export const bootstrapConfig = defineConfig({
  ...database,
  ...logVariables(),
  ...hashing,
  ...issuing,
  ...bootstrap,
  BOOTSTRAP_ADMIN_KEY_FILE: about(
    'Where the key is written, unless the command line says it.',
    adminKeyFile(),
  ),
});

/** It, from the environment; `file` goes before the variable. Throws ConfigError with all problems. */
export const loadBootstrapConfig = (file?: string) =>
  bootstrapConfig.load(file === undefined ? process.env : { ...process.env, BOOTSTRAP_ADMIN_KEY_FILE: file });

/** Configuration of the migrations. */
export const migrationConfig = defineConfig({
  KEYS_OWNER_DATABASE_URL: about('The same database, as the role that owns the schema.', databaseUrl()),
  KEYS_DATABASE_URL: about("As the service's role, which is granted what it needs.", databaseUrl()),
});
