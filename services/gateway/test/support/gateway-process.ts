/** The gateway as a process, or as several. */
import { randomBytes } from 'node:crypto';
import { freePort, grpcToken } from '@hokusai/testing';

export const GATEWAY_ENTRY = 'services/gateway/src/main.ts';

/**
 * Everything that must be set, on ports of its own. Unless given, nobody listens at the addresses of what
 * the gateway talks to: it starts all the same.
 */
export async function gatewaySettings(
  given: Record<string, string> & { MLFLOW_UPSTREAM_URL: string },
): Promise<Record<'GATEWAY_PORT' | 'HEALTH_PORT', string> & Record<string, string>> {
  return {
    GATEWAY_PORT: String(await freePort()),
    HEALTH_PORT: String(await freePort()),
    KEYS_GRPC_URL: `127.0.0.1:${await freePort()}`,
    KEYS_GRPC_TOKEN: grpcToken,
    USAGE_GRPC_URL: `127.0.0.1:${await freePort()}`,
    USAGE_GRPC_TOKEN: grpcToken,
    AUDIT_GRPC_URL: `127.0.0.1:${await freePort()}`,
    AUDIT_GRPC_TOKEN: grpcToken,
    REDIS_URL: `redis://127.0.0.1:${await freePort()}`,
    NATS_URL: `nats://gateway:secret@127.0.0.1:${await freePort()}`,
    CACHE_SECRETS: `a:${randomBytes(32).toString('base64url')}`,
    // No test waits for clients that may come back, but those that are about them.
    SHUTDOWN_IDLE_MS: '100',
    ...given,
  };
}
