/** Who gets which address, password and secret: pure, from what was asked for and what the last start wrote. */

import { createHash } from 'node:crypto';
import { NATS_USERS, type NatsUser } from '../backends/nats.ts';
import type { DatabaseDefinition } from '../backends/postgres-databases.ts';
import {
  DATABASE_SERVICES,
  type DatabaseServiceName,
  type PortVariable,
  type ServiceName,
  type StartConfig,
} from '../config.ts';

type HostName = DatabaseServiceName | 'postgres' | 'redis' | 'nats' | 'mlflow';

export interface PlanOptions {
  config: StartConfig;
  /** Content of the home's file `env`. */
  saved: Readonly<Record<string, string>>;
  ports: Readonly<Record<PortVariable, number>>;
  adminKeyFile: string;
  /** For usage that waits for NATS. */
  spoolDirectory: string;
  /** For signed states of the audit log, outside of its database. */
  checkpointDirectory: string;
  /** Where each server is found; on the loopback address if absent. */
  hosts?: Partial<Record<HostName, string>>;
  /** So many random bytes in base64url. */
  random: (bytes: number) => string;
}

export interface Plan {
  /** Local servers to start. */
  local: { postgres: boolean; redis: boolean; nats: boolean; mlflow: boolean };
  postgresPassword: string;
  redisPassword: string;
  natsPasswords: Record<NatsUser, string>;
  /** Databases on the local Postgres. */
  databases: Partial<Record<DatabaseServiceName, DatabaseDefinition>>;
  /** Base of the public address, without a slash at the end. */
  gatewayUrl: string;
  /** To be kept in the home's file `env`. */
  envFile: Record<string, string>;
  /** For creating the streams. */
  natsAdminUrl: string;
  migrationEnv: Record<DatabaseServiceName, Record<string, string>>;
  serviceEnv: Record<ServiceName, Record<string, string>>;
}

const LOOPBACK = '127.0.0.1';
const PASSWORD_BYTES = 24;
/** Secrets of a ring have at least 32 bytes (service-kit's configuration). */
const RING_SECRET_BYTES = 32;
/** Of a caller of a gRPC server (service-kit's configuration). */
const GRPC_TOKEN_BYTES = 32;
const RINGS = ['KEY_TAG_SECRETS', 'KEY_PEPPERS', 'CACHE_SECRETS', 'AUDIT_SIGNING_KEYS'] as const;

export function createPlan(options: PlanOptions): Plan {
  const { config, saved, ports, random, hosts = {} } = options;
  const at = (name: HostName, port: PortVariable) => `${hosts[name] ?? LOOPBACK}:${ports[port]}`;
  const postgres = at('postgres', 'POSTGRES_PORT');
  const { given } = config;
  const password = (variable: string) => passwordIn(saved[variable]) ?? random(PASSWORD_BYTES);
  const local = {
    postgres: DATABASE_SERVICES.some((service) => given[databaseVariable(service)] === undefined),
    redis: given.REDIS_URL === undefined,
    nats: given.NATS_URL === undefined,
    mlflow: given.MLFLOW_UPSTREAM_URL === undefined,
  };
  const databases = planDatabases(config, password);
  const postgresPassword = password('POSTGRES_ADMIN_URL');
  const redisPassword = password('REDIS_URL');
  const natsPasswords = Object.fromEntries(
    NATS_USERS.map((user) => [user, password(natsVariable(user))]),
  ) as Record<NatsUser, string>;
  const rings = Object.fromEntries(
    RINGS.filter((ring) => given[ring] === undefined).map((ring) => [
      ring,
      saved[ring] ?? `1:${random(RING_SECRET_BYTES)}`,
    ]),
  );
  const generated: Record<string, string> = {
    ...(local.postgres
      ? {
          POSTGRES_ADMIN_URL: postgresUrl('hokusai_admin', postgresPassword, postgres, 'postgres'),
        }
      : {}),
    ...databaseUrls(databases, postgres),
    ...(local.redis ? { REDIS_URL: `redis://:${redisPassword}@${at('redis', 'REDIS_PORT')}` } : {}),
    ...(local.nats ? natsUrls(natsPasswords, at('nats', 'NATS_PORT')) : {}),
    ...(local.mlflow ? { MLFLOW_UPSTREAM_URL: `http://${at('mlflow', 'MLFLOW_PORT')}` } : {}),
    ...rings,
    ...grpcTokens(saved, () => random(GRPC_TOKEN_BYTES)),
  };
  const values = { ...generated, ...givenNatsUrls(config), ...given };
  const gatewayUrl = `http://${connectable(config.gatewayHost)}:${ports.GATEWAY_PORT}`;
  return {
    local,
    postgresPassword,
    redisPassword,
    natsPasswords,
    databases,
    gatewayUrl,
    natsAdminUrl: values['NATS_ADMIN_URL'] as string,
    envFile: {
      GATEWAY_URL: gatewayUrl,
      ...Object.fromEntries(Object.entries(ports).map(([name, port]) => [name, String(port)])),
      ...generated,
    },
    ...planEnvironments(options, values),
  };
}

function databaseVariable(service: DatabaseServiceName) {
  return `${service.toUpperCase() as Uppercase<DatabaseServiceName>}_DATABASE_URL` as const;
}

function ownerVariable(service: DatabaseServiceName) {
  return `${service.toUpperCase() as Uppercase<DatabaseServiceName>}_OWNER_DATABASE_URL` as const;
}

function natsVariable(user: NatsUser): string {
  if (user === 'admin' || user === 'subscriber') return `NATS_${user.toUpperCase()}_URL`;
  return `${user.toUpperCase()}_NATS_URL`;
}

function planDatabases({ given }: StartConfig, password: (variable: string) => string): Plan['databases'] {
  const local = DATABASE_SERVICES.filter((service) => given[databaseVariable(service)] === undefined);
  return Object.fromEntries(
    local.map((service) => {
      const name = `hokusai_${service}`;
      const serviceRole = { name, password: password(databaseVariable(service)) };
      const ownerRole = { name: `${name}_owner`, password: password(ownerVariable(service)) };
      return [service, { name, serviceRole, ownerRole }];
    }),
  );
}

function databaseUrls(databases: Plan['databases'], address: string): Record<string, string> {
  const services = DATABASE_SERVICES.filter((service) => databases[service] !== undefined);
  return Object.fromEntries(
    services.flatMap((service) => {
      const { name, serviceRole, ownerRole } = databases[service] as DatabaseDefinition;
      return [
        [databaseVariable(service), postgresUrl(serviceRole.name, serviceRole.password, address, name)],
        [ownerVariable(service), postgresUrl(ownerRole.name, ownerRole.password, address, name)],
      ];
    }),
  );
}

function postgresUrl(role: string, password: string, address: string, database: string): string {
  return `postgres://${role}:${password}@${address}/${database}`;
}

function natsUrls(passwords: Record<NatsUser, string>, address: string): Record<string, string> {
  return Object.fromEntries(
    NATS_USERS.map((user) => [natsVariable(user), `nats://${user}:${passwords[user]}@${address}`]),
  );
}

/** A NATS that isn't ours may have one user for all, or one for each. */
function givenNatsUrls({ given }: StartConfig): Record<string, string> {
  if (given.NATS_URL === undefined) return {};
  const url = given.NATS_URL;
  return Object.fromEntries(NATS_USERS.map((user) => [natsVariable(user), url]));
}

function passwordIn(url: string | undefined): string | undefined {
  return url === undefined ? undefined : decodeURIComponent(new URL(url).password) || undefined;
}

/** An address to connect to where the server listens on all of them. */
function connectable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return LOOPBACK;
  return host.includes(':') ? `[${host}]` : host;
}

function planEnvironments(
  { ports, adminKeyFile, spoolDirectory, checkpointDirectory, config, hosts = {} }: PlanOptions,
  values: Record<string, string>,
): Pick<Plan, 'migrationEnv' | 'serviceEnv'> {
  const value = (name: string) => ({ [name]: values[name] as string });
  const isSet = (name: string) => Boolean(config.passedOn[name] || config.passedOn[`${name}_FILE`]);
  const grpc = (service: DatabaseServiceName) => `${hosts[service] ?? LOOPBACK}:${ports[grpcPort(service)]}`;
  const common = (service: ServiceName) => ({
    NATS_URL: values[natsVariable(service)] as string,
    HEALTH_PORT: String(ports[`${service.toUpperCase()}_HEALTH_PORT` as PortVariable]),
  });
  const withDatabase = (service: DatabaseServiceName) => ({
    ...common(service),
    ...value(databaseVariable(service)),
    [`${service.toUpperCase()}_GRPC_HOST`]: LOOPBACK,
    [grpcPort(service)]: String(ports[grpcPort(service)]),
    [`${service.toUpperCase()}_GRPC_CALLERS`]: grpcCallers(service, values),
    [`${service.toUpperCase()}_GRPC_REFLECTION`]: 'true',
  });
  const migration = (service: DatabaseServiceName) => ({
    ...value(databaseVariable(service)),
    ...value(ownerVariable(service)),
  });
  return {
    migrationEnv: { keys: migration('keys'), usage: migration('usage'), audit: migration('audit') },
    serviceEnv: {
      keys: {
        ...withDatabase('keys'),
        ...value('KEY_TAG_SECRETS'),
        ...value('KEY_PEPPERS'),
        AUDIT_GRPC_URL: grpc('audit'),
        AUDIT_GRPC_TOKEN: values[tokenVariable('keys', 'audit')] as string,
        BOOTSTRAP_ADMIN_KEY_FILE: adminKeyFile,
      },
      usage: withDatabase('usage'),
      audit: {
        ...withDatabase('audit'),
        ...value('AUDIT_SIGNING_KEYS'),
        ...(isSet('AUDIT_CHECKPOINT_DIR') ? {} : { AUDIT_CHECKPOINT_DIR: checkpointDirectory }),
      },
      gateway: {
        ...common('gateway'),
        ...value('REDIS_URL'),
        ...value('MLFLOW_UPSTREAM_URL'),
        ...value('KEY_TAG_SECRETS'),
        ...value('CACHE_SECRETS'),
        GATEWAY_HOST: config.gatewayHost,
        GATEWAY_PORT: String(ports.GATEWAY_PORT),
        ...(isSet('USAGE_SPOOL_DIR') ? {} : { USAGE_SPOOL_DIR: spoolDirectory }),
        KEYS_GRPC_URL: grpc('keys'),
        KEYS_GRPC_TOKEN: values[tokenVariable('gateway', 'keys')] as string,
        USAGE_GRPC_URL: grpc('usage'),
        USAGE_GRPC_TOKEN: values[tokenVariable('gateway', 'usage')] as string,
        AUDIT_GRPC_URL: grpc('audit'),
        AUDIT_GRPC_TOKEN: values[tokenVariable('gateway', 'audit')] as string,
      },
    },
  };
}

function grpcPort(service: DatabaseServiceName) {
  return `${service.toUpperCase() as Uppercase<DatabaseServiceName>}_GRPC_PORT` as const;
}

const KEY_METHODS = ['hokusai.keys.v1.KeyManagementService/*', 'hokusai.keys.v1.UserManagementService/*'];

const AUDIT_QUESTIONS = ['ListEvents', 'GetEvent', 'ExportEvents', 'ListCheckpoints', 'VerifyChain'].map(
  (method) => `hokusai.audit.v1.AuditService/${method}`,
);

/** What the keys service has kept of the audit log: for who verifies that. */
const WITNESS_METHODS = 'hokusai.keys.v1.AuditWitnessService/*';

/** Who calls which gRPC server, and what there. The developer is whoever reads the home's file `env`. */
const GRPC_CALLERS: Record<DatabaseServiceName, Readonly<Record<string, readonly string[]>>> = {
  keys: {
    gateway: ['hokusai.keys.v1.KeyValidationService/*', ...KEY_METHODS, WITNESS_METHODS],
    developer: KEY_METHODS,
  },
  usage: {
    gateway: ['hokusai.usage.v1.UsageService/*'],
    developer: ['hokusai.usage.v1.UsageService/*'],
  },
  audit: {
    keys: ['hokusai.audit.v1.AuditService/ConfirmStored'],
    gateway: AUDIT_QUESTIONS,
    developer: ['hokusai.audit.v1.AuditService/*'],
  },
};

/** A token for each pair: what a service is shown by its callers opens no other service. */
function tokenVariable(caller: string, service: string): string {
  return `${caller.toUpperCase()}_${service.toUpperCase()}_GRPC_TOKEN`;
}

function grpcTokens(saved: PlanOptions['saved'], newToken: () => string): Record<string, string> {
  const names = DATABASE_SERVICES.flatMap((service) =>
    Object.keys(GRPC_CALLERS[service]).map((caller) => tokenVariable(caller, service)),
  );
  return Object.fromEntries(names.map((name) => [name, saved[name] ?? newToken()]));
}

/** The server needs no more than the digests. */
function grpcCallers(service: DatabaseServiceName, values: Record<string, string>): string {
  const callers = Object.entries(GRPC_CALLERS[service]).map(([name, methods]) => {
    const token = values[tokenVariable(name, service)] as string;
    return { name, token_sha256: createHash('sha256').update(token).digest('hex'), methods };
  });
  return JSON.stringify(callers);
}
