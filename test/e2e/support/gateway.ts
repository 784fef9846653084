/** Another gateway beside those of a stack, with settings of its own. */
import { freePort, spawnService, type TestService } from '@hokusai/testing';
import type { Stack } from './stack.ts';

export interface AnotherGateway {
  /** `http://127.0.0.1:<port>` */
  url: string;
  service: TestService;
}

export async function startAnotherGateway(
  { env }: Stack,
  settings: Readonly<Record<string, string>> = {},
): Promise<AnotherGateway> {
  const port = await freePort();
  const service = await spawnService({
    entry: 'services/gateway/src/main.ts',
    env: {
      ...env,
      KEYS_GRPC_URL: `127.0.0.1:${env['KEYS_GRPC_PORT']}`,
      KEYS_GRPC_TOKEN: env['GATEWAY_KEYS_GRPC_TOKEN'] ?? '',
      USAGE_GRPC_URL: `127.0.0.1:${env['USAGE_GRPC_PORT']}`,
      USAGE_GRPC_TOKEN: env['GATEWAY_USAGE_GRPC_TOKEN'] ?? '',
      AUDIT_GRPC_URL: `127.0.0.1:${env['AUDIT_GRPC_PORT']}`,
      AUDIT_GRPC_TOKEN: env['GATEWAY_AUDIT_GRPC_TOKEN'] ?? '',
      NATS_URL: env['GATEWAY_NATS_URL'] ?? '',
      GATEWAY_PORT: String(port),
      HEALTH_PORT: String(await freePort()),
      ...settings,
    },
    readyTimeoutMs: 120_000,
  });
  return { url: `http://127.0.0.1:${port}`, service };
}
