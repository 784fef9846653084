/** The only reader of the environment for `npm start` and `npm run stop`. */
import { join, resolve } from 'node:path';
import {
  about,
  ConfigError,
  collide,
  databaseUrl,
  defineConfig,
  type Environment,
  LOG_LEVELS,
  loadConfig,
  natsRule,
  natsVariables,
  ofKind,
  secret,
  shown,
  variable,
} from '@hokusai/service-kit';

export const SERVICES = ['keys', 'usage', 'audit', 'gateway'] as const;
export type ServiceName = (typeof SERVICES)[number];
/** The services that have a database and a gRPC server. */
export const DATABASE_SERVICES = ['keys', 'usage', 'audit'] as const;
export type DatabaseServiceName = (typeof DATABASE_SERVICES)[number];

/** Variables that choose a port. Those not given get a free one, which is kept for the next start. */
export const PORT_VARIABLES = [
  'GATEWAY_PORT',
  'POSTGRES_PORT',
  'REDIS_PORT',
  'NATS_PORT',
  'MLFLOW_PORT',
  'KEYS_GRPC_PORT',
  'USAGE_GRPC_PORT',
  'AUDIT_GRPC_PORT',
  'KEYS_HEALTH_PORT',
  'USAGE_HEALTH_PORT',
  'AUDIT_HEALTH_PORT',
  'GATEWAY_HEALTH_PORT',
] as const;
export type PortVariable = (typeof PORT_VARIABLES)[number];
const DEFAULT_GATEWAY_PORT = 8080;

const ownDatabase = (service: string) =>
  about(
    `Database of the ${service} service, as its role, in place of one on a local Postgres.`,
    databaseUrl().optional(),
  );
const ownerDatabase = () =>
  about('The same database, as the role that owns the schema; both or neither.', databaseUrl().optional());
const natsUrl = (purpose: string) => about(purpose, secret(variable.url('nats', 'tls')).optional());
const natsOf = (service: string) =>
  natsUrl(`The broker with the user of the ${service} service, if each has one.`);
const ring = (purpose: string) =>
  about(
    `${purpose}; made at the first start if absent.`,
    ofKind('a ring', secret(variable.text())).optional(),
  );

/** What replaces a local process or a generated secret, if it is given. */
const given = {
  KEYS_DATABASE_URL: ownDatabase('keys'),
  KEYS_OWNER_DATABASE_URL: ownerDatabase(),
  USAGE_DATABASE_URL: ownDatabase('usage'),
  USAGE_OWNER_DATABASE_URL: ownerDatabase(),
  AUDIT_DATABASE_URL: ownDatabase('audit'),
  AUDIT_OWNER_DATABASE_URL: ownerDatabase(),
  REDIS_URL: about('A Redis, in place of a local one.', secret(variable.url('redis', 'rediss')).optional()),
  NATS_URL: natsUrl('A broker with JetStream, in place of a local one, with a user who may do everything.'),
  NATS_ADMIN_URL: natsUrl('The broker with the user who makes the streams, if that is another one.'),
  KEYS_NATS_URL: natsOf('keys'),
  USAGE_NATS_URL: natsOf('usage'),
  AUDIT_NATS_URL: natsOf('audit'),
  GATEWAY_NATS_URL: natsOf('gateway'),
  MLFLOW_UPSTREAM_URL: about(
    'An MLflow server, in place of a local one.',
    secret(variable.url('http', 'https')).optional(),
  ),
  KEY_TAG_SECRETS: ring('Secrets of the tags in keys'),
  KEY_PEPPERS: ring('Secrets of the digests that prove keys'),
  CACHE_SECRETS: ring('Secrets of what gateways share in Redis'),
  AUDIT_SIGNING_KEYS: ring('Keys that sign checkpoints of the audit log'),
};
export type GivenVariable = keyof typeof given;

const port = () => variable.port().optional();

const LOCAL_SERVERS: Readonly<Record<string, string>> = {
  POSTGRES: 'Postgres',
  REDIS: 'Redis',
  NATS: 'NATS',
  MLFLOW: 'MLflow',
};

function portPurpose(name: PortVariable): string {
  const [of = '', door = ''] = name.replace(/_PORT$/, '').split('_');
  const server = LOCAL_SERVERS[of];
  const what = server
    ? `the local ${server}`
    : `the ${of.toLowerCase()} service, for ${door === 'GRPC' ? 'gRPC' : 'its health'}`;
  return `Port of ${what}; a free one, kept for later starts, if absent.`;
}

const ports = Object.fromEntries(
  PORT_VARIABLES.map((name) => [
    name,
    name === 'GATEWAY_PORT'
      ? about('Port that clients connect to.', port(), {
          defaultText: String(DEFAULT_GATEWAY_PORT),
        })
      : about(portPurpose(name), port()),
  ]),
) as Record<PortVariable, ReturnType<typeof port>>;

const shape = {
  ...given,
  ...ports,
  GATEWAY_HOST: about(
    'Address that clients connect to.',
    ofKind('an address', shown(variable.text())).default('127.0.0.1'),
  ),
};

/** To make the streams of a broker that is run elsewhere. */
export const busConfig = defineConfig(
  {
    ...natsVariables(),
    NATS_URL: about(
      'Event broker, with the user and password of `admin`, who makes the streams. `tls://` insists on TLS.',
      secret(variable.urls('nats', 'tls')),
    ),
  },
  [natsRule()],
);

/** For all services alike: checked before anything is started, and passed on. */
const common = {
  LOG_LEVEL: about('Of all services.', variable.oneOf(LOG_LEVELS).optional()),
};

/** Where things are, which is asked before anything else. */
const places = {
  HOKUSAI_HOME: about(
    'Folder of all that is installed, stored and logged; `.hokusai` in the checkout if absent.',
    ofKind('a path', variable.text()).optional(),
  ),
  HOKUSAI_PYTHON: about(
    'The Python that installs the servers, if the first one on the `PATH` will not do.',
    ofKind('a path', variable.text()).optional(),
  ),
};

/** All that a start reads itself. What is for the services only is passed on to them as it is. */
export const startVariables = { ...places, ...common, ...shape };

export interface StartConfig {
  gatewayHost: string;
  given: Partial<Record<GivenVariable, string>>;
  /** 0 stands for any free port. */
  ports: Partial<Record<PortVariable, number>>;
  /** What is for the services only, as it is. */
  passedOn: NodeJS.ProcessEnv;
}

/** `$HOKUSAI_HOME`, by default `.hokusai` in the checkout. */
export function homeDirectory(env: Environment, root: string): string {
  return resolve(env['HOKUSAI_HOME'] || join(root, '.hokusai'));
}

/**
 * The configuration of a start. `saved` is what the last start wrote to the home's file `env`: a URL or
 * secret that is just the one generated then (a shell has read the file, say) is not taken as given. Throws ConfigError with
 * all problems.
 */
export function loadStartConfig(env: Environment, saved: Environment = {}): StartConfig {
  const isOurs = (name: string) => name in given && env[name] === saved[name];
  const own = Object.fromEntries(Object.entries(env).filter(([name]) => !isOurs(name)));
  const problems = missingPartners(own);
  try {
    const { GATEWAY_HOST, ...values } = loadConfig({ ...shape, ...common }, own, [sharedPorts]);
    if (problems.length > 0) throw new ConfigError([]);
    const pick = (names: object) =>
      Object.fromEntries(
        Object.entries(values).filter(([name, value]) => name in names && value !== undefined),
      );
    return {
      gatewayHost: GATEWAY_HOST,
      given: pick(given),
      ports: { GATEWAY_PORT: DEFAULT_GATEWAY_PORT, ...pick(ports) },
      passedOn: withoutManaged(env, saved),
    };
  } catch (error) {
    if (error instanceof ConfigError) throw new ConfigError([...error.problems, ...problems]);
    throw error;
  }
}

/** All of them listen on this machine, at the same time. 0 is any free one. */
function sharedPorts({
  GATEWAY_HOST = '',
  ...asked
}: Partial<Record<PortVariable, number | undefined> & { GATEWAY_HOST: string }>): string[] {
  const addressOf = (name: PortVariable) =>
    name === 'GATEWAY_PORT'
      ? { host: GATEWAY_HOST, port: asked.GATEWAY_PORT ?? DEFAULT_GATEWAY_PORT }
      : { host: '127.0.0.1', port: asked[name] ?? 0 };
  return PORT_VARIABLES.flatMap((name, index) => {
    const other = PORT_VARIABLES.slice(0, index).find((former) =>
      collide(addressOf(name), addressOf(former)),
    );
    return other === undefined ? [] : [`${name}: is also ${other}; give it a port of its own`];
  });
}

/** A database that isn't ours needs both: one to run with, one to migrate with. */
function missingPartners(env: Environment): string[] {
  const isSet = (name: string) => Boolean(env[name] || env[`${name}_FILE`]);
  return DATABASE_SERVICES.flatMap((service) => {
    const [url, ownerUrl] = [
      `${service.toUpperCase()}_DATABASE_URL`,
      `${service.toUpperCase()}_OWNER_DATABASE_URL`,
    ];
    if (isSet(url) === isSet(ownerUrl)) return [];
    const [missing, other] = isSet(url) ? [ownerUrl, url] : [url, ownerUrl];
    return [
      `${missing}: is required with ${other} (the service's role runs with the one, the owner migrates with the other)`,
    ];
  });
}

/** How services reach each other here, and know each other, is decided by the start alone. */
const BETWEEN_SERVICES = /^(KEYS|USAGE|AUDIT)_GRPC_/;

/** A service gets just its own of these, so they are left out of what all get. */
function withoutManaged(env: Environment, saved: Environment): NodeJS.ProcessEnv {
  const managed = new Set([
    ...Object.keys(shape),
    ...Object.keys(saved),
    'HEALTH_PORT',
    'BOOTSTRAP_ADMIN_KEY_FILE',
  ]);
  const isPassedOn = (name: string) =>
    !managed.has(name.replace(/_FILE$/, '')) && !managed.has(name) && !BETWEEN_SERVICES.test(name);
  return Object.fromEntries(Object.entries(env).filter(([name]) => isPassedOn(name)));
}
