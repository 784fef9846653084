/** What each service needs at least to be configured. */

const callers = (service: string, token: string) =>
  JSON.stringify([{ name: 'gateway', token, methods: [`hokusai.${service}/*`] }]);

/** @param marker a secret, in base64url of 32 bytes at least: it stands wherever there can be one */
export function leastSettings(marker: string): Readonly<Record<string, Record<string, string>>> {
  const ring = `now:${marker}`;
  const nats = { NATS_URL: `nats://u:${marker}@127.0.0.1:4222` };
  const keysDatabase = { KEYS_DATABASE_URL: `postgres://u:${marker}@127.0.0.1/keys` };
  return {
    gateway: {
      ...nats,
      ...{ KEYS_GRPC_URL: '127.0.0.1:1', USAGE_GRPC_URL: '127.0.0.1:1', AUDIT_GRPC_URL: '127.0.0.1:1' },
      ...{ KEYS_GRPC_TOKEN: marker, USAGE_GRPC_TOKEN: marker, AUDIT_GRPC_TOKEN: marker },
      ...{
        REDIS_URL: `redis://u:${marker}@127.0.0.1:1`,
        MLFLOW_UPSTREAM_URL: `http://u:${marker}@127.0.0.1:1`,
      },
      ...{ CACHE_SECRETS: ring, KEY_TAG_SECRETS: ring },
    },
    keys: {
      ...nats,
      ...keysDatabase,
      ...{
        KEYS_GRPC_CALLERS: callers('keys.v1.KeyValidationService', marker),
        KEY_PEPPERS: ring,
        KEY_TAG_SECRETS: ring,
      },
      ...{ AUDIT_GRPC_URL: '127.0.0.1:1', AUDIT_GRPC_TOKEN: marker },
    },
    usage: {
      ...nats,
      ...{
        USAGE_DATABASE_URL: `postgres://u:${marker}@127.0.0.1/usage`,
        USAGE_GRPC_CALLERS: callers('usage.v1.UsageService', marker),
      },
    },
    audit: {
      ...nats,
      ...{
        AUDIT_DATABASE_URL: `postgres://u:${marker}@127.0.0.1/audit`,
        AUDIT_GRPC_CALLERS: callers('audit.v1.AuditService', marker),
      },
      ...{
        AUDIT_CHECKPOINT_BUCKET_URL: 'https://bucket.example/audit',
        AUDIT_CHECKPOINT_ACCESS_KEY_ID: marker,
      },
      ...{
        AUDIT_CHECKPOINT_SECRET_ACCESS_KEY: marker,
        AUDIT_SIGNING_KEYS: `now:${Buffer.from(marker).subarray(0, 32).toString('base64url')}`,
      },
    },
  };
}
