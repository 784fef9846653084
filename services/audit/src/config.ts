/** The only reader of the environment. Every variable may also come from a file: `NAME_FILE`. */
import { resolve } from 'node:path';
import { services } from '@hokusai/contracts';
import {
  type ConfigRule,
  type Environment,
  grpcServerRule,
  grpcServerVariables,
  LOG_LEVELS,
  loadConfig,
  variable,
} from '@hokusai/service-kit';
import { z } from 'zod';
import { parseSigningRing, SIGNING_RING_FORM } from './domain/signing-ring.ts';

const databaseUrl = () => variable.url('postgres', 'postgresql');

const signingRing = () =>
  z.string().transform((text, context) => {
    const ring = parseSigningRing(text);
    if (ring) return ring;
    context.addIssue({ code: 'custom', message: SIGNING_RING_FORM });
    return z.NEVER;
  });

const checkpoints = {
  /** Newest first: the first signs. Without it nothing is signed. */
  AUDIT_SIGNING_KEYS: signingRing().optional(),
  /** How long something may stay unsigned. */
  AUDIT_CHECKPOINT_SECONDS: variable.integer(1, 3600).default(10),
  /** Outside of the database, and best on another machine. */
  AUDIT_CHECKPOINT_DIR: variable
    .text()
    .transform((path) => resolve(path))
    .optional(),
  AUDIT_CHECKPOINT_BUCKET_URL: variable.url('https', 'http').optional(),
  AUDIT_CHECKPOINT_BUCKET_REGION: variable.text().default('us-east-1'),
  AUDIT_CHECKPOINT_ACCESS_KEY_ID: variable.text().optional(),
  AUDIT_CHECKPOINT_SECRET_ACCESS_KEY: variable.text().optional(),
};
type CheckpointVariables = z.infer<z.ZodObject<typeof checkpoints>>;

const checkpointRule: ConfigRule<CheckpointVariables> = (values) => {
  const problems: string[] = [];
  const requires = (name: keyof CheckpointVariables, other: keyof CheckpointVariables) => {
    if (values[name] !== undefined && values[other] === undefined)
      problems.push(`${other}: is required with ${name}`);
  };
  requires('AUDIT_CHECKPOINT_DIR', 'AUDIT_SIGNING_KEYS');
  requires('AUDIT_CHECKPOINT_BUCKET_URL', 'AUDIT_SIGNING_KEYS');
  requires('AUDIT_CHECKPOINT_BUCKET_URL', 'AUDIT_CHECKPOINT_ACCESS_KEY_ID');
  requires('AUDIT_CHECKPOINT_BUCKET_URL', 'AUDIT_CHECKPOINT_SECRET_ACCESS_KEY');
  return problems;
};

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
      ...checkpoints,
      LOG_LEVEL: variable.oneOf(LOG_LEVELS).default('info'),
    },
    env,
    [grpcServerRule('AUDIT'), checkpointRule],
  );
export type ServiceConfig = ReturnType<typeof loadServiceConfig>;

/** Configuration of the migrations. Throws ConfigError with all problems. */
export const loadMigrationConfig = (env: Environment = process.env) =>
  loadConfig({ AUDIT_OWNER_DATABASE_URL: databaseUrl(), AUDIT_DATABASE_URL: databaseUrl() }, env);

/** Configuration of the owner's commands, `prune` and `erase`. Throws ConfigError with all problems. */
export const loadOwnerConfig = (env: Environment = process.env) =>
  loadConfig({ AUDIT_OWNER_DATABASE_URL: databaseUrl(), ...checkpoints }, env);
export type OwnerConfig = ReturnType<typeof loadOwnerConfig>;
