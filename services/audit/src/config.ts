/** The only reader of the environment. Every variable may also come from a file: `NAME_FILE`. */
import { resolve } from 'node:path';
import { services } from '@hokusai/contracts';
import {
  about,
  type ConfigOf,
  type ConfigRule,
  databaseUrl,
  defineConfig,
  grpcServerRule,
  grpcServerVariables,
  healthVariables,
  logVariables,
  natsRule,
  natsVariables,
  ofKind,
  ownPortsRule,
  secret,
  shown,
  traceVariables,
  variable,
} from '@hokusai/service-kit';
import { z } from 'zod';
import { parseSigningRing, SIGNING_RING_FORM } from './domain/signing-ring.ts';

const signingRing = () => {
  const ring = z.string().transform((text, context) => {
    const parsed = parseSigningRing(text);
    if (parsed) return parsed;
    context.addIssue({ code: 'custom', message: SIGNING_RING_FORM });
    return z.NEVER;
  });
  return ofKind('a ring: id:seed, or id:public:key of a retired one', secret(ring));
};

const checkpoints = {
  AUDIT_SIGNING_KEYS: about(
    'Keys that sign checkpoints of the log, newest first: the first signs. Without them nothing is signed.',
    signingRing().optional(),
  ),
  AUDIT_CHECKPOINT_SECONDS: about(
    'How long what was appended may stay unsigned.',
    variable.integer(1, 3600).default(10),
  ),
  AUDIT_CHECKPOINT_DIR: about(
    'A directory for checkpoints, outside of the database and best on another machine.',
    ofKind('a path', shown(variable.text().transform((path) => resolve(path)))).optional(),
  ),
  AUDIT_CHECKPOINT_BUCKET_URL: about(
    'A bucket for checkpoints, or a folder in one, of an object store that speaks S3.',
    variable.url('https', 'http').optional(),
  ),
  AUDIT_CHECKPOINT_BUCKET_REGION: about(
    'Region of that bucket.',
    ofKind('a name', shown(variable.text())).default('us-east-1'),
  ),
  AUDIT_CHECKPOINT_ACCESS_KEY_ID: about(
    'Of a user who may put and get objects of the bucket; required with one.',
    secret(variable.text()).optional(),
  ),
  AUDIT_CHECKPOINT_SECRET_ACCESS_KEY: about(
    "That user's secret; required with a bucket.",
    secret(variable.text()).optional(),
  ),
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

const ownerUrl = () => about('The same database, as the role that owns the schema.', databaseUrl());

/** Configuration of the service. */
export const serviceConfig = defineConfig(
  {
    AUDIT_DATABASE_URL: about("The service's database, as the service's role.", databaseUrl()),
    AUDIT_DATABASE_POOL: about(
      'Connections at most. Two more are for verifying.',
      variable.integer(2, 200).default(10),
    ),
    ...grpcServerVariables('AUDIT', [services.audit]),
    ...healthVariables(),
    ...logVariables(),
    ...traceVariables(),
    ...natsVariables(),
    ...checkpoints,
  },
  [grpcServerRule('AUDIT'), ownPortsRule('AUDIT_GRPC'), checkpointRule, natsRule()],
);
export type ServiceConfig = ConfigOf<typeof serviceConfig>;

/** Configuration of the migrations. */
export const migrationConfig = defineConfig({
  AUDIT_OWNER_DATABASE_URL: ownerUrl(),
  AUDIT_DATABASE_URL: about("As the service's role, which is granted what it needs.", databaseUrl()),
});

/** Configuration of the owner's commands, `prune` and `erase`. */
export const ownerConfig = defineConfig({ AUDIT_OWNER_DATABASE_URL: ownerUrl(), ...checkpoints });
export type OwnerConfig = ConfigOf<typeof ownerConfig>;
