/** Secrets as files, a folder for each container: none sees what another one is given. */
import { natsConfiguration } from '../backends/nats.ts';
import type { ServiceName } from '../config.ts';
import type { Plan } from '../supervisor/plan.ts';
import { PORTS_IN_CONTAINERS } from './plan.ts';

/** What a service reads from files: `NAME_FILE=/run/secrets/NAME`. */
export const SERVICE_SECRETS: Readonly<Record<ServiceName, readonly string[]>> = {
  keys: [
    'KEYS_DATABASE_URL',
    'KEYS_GRPC_CALLERS',
    'KEY_TAG_SECRETS',
    'KEY_PEPPERS',
    'NATS_URL',
    'AUDIT_GRPC_TOKEN',
  ],
  usage: ['USAGE_DATABASE_URL', 'USAGE_GRPC_CALLERS', 'NATS_URL'],
  audit: ['AUDIT_DATABASE_URL', 'AUDIT_GRPC_CALLERS', 'AUDIT_SIGNING_KEYS', 'NATS_URL'],
  gateway: [
    'REDIS_URL',
    'NATS_URL',
    'KEY_TAG_SECRETS',
    'CACHE_SECRETS',
    'KEYS_GRPC_TOKEN',
    'USAGE_GRPC_TOKEN',
    'AUDIT_GRPC_TOKEN',
  ],
};

/** Content of each file, by `<container>/<name>`. */
export function secretFiles(plan: Plan): Record<string, string> {
  const ofServices = Object.entries(SERVICE_SECRETS).flatMap(([service, names]) =>
    names.map((name) => [`${service}/${name}`, plan.serviceEnv[service as ServiceName][name] as string]),
  );
  return {
    ...Object.fromEntries(ofServices),
    'postgres/password': plan.postgresPassword,
    'redis/password': plan.redisPassword,
    'redis/redis.conf': redisConfiguration(plan.redisPassword),
    'nats/nats.json': JSON.stringify(natsSettings(plan), null, 2),
  };
}

function redisConfiguration(password: string): string {
  // The file of appended commands replaces snapshots: it loses a second at most.
  return [`requirepass ${password}`, 'dir /data', 'save ""', 'appendonly yes', ''].join('\n');
}

function natsSettings({ natsPasswords }: Plan) {
  const settings = natsConfiguration({
    host: '0.0.0.0',
    port: PORTS_IN_CONTAINERS.NATS_PORT,
    storeDirectory: '/data/jetstream',
    passwords: natsPasswords,
  });
  // For the container's own health check; a name that stays, so that the file does too.
  return { ...settings, server_name: 'hokusai', http: '127.0.0.1:8222' };
}
