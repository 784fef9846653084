/** Another gateway beside those of a stack, with settings of its own. */
import { services } from '@hokusai/contracts';
import { freePort, grpcCallers, spawnService, type TestService } from '@hokusai/testing';
import type { Stack } from './stack.ts';

export interface AnotherGateway {
  /** `http://127.0.0.1:<port>` */
  url: string;
  service: TestService;
}

const CALLED = { keys: services.keyValidation, usage: services.usage, audit: services.audit };

/** One more of a service that a stack has, for a moment: it works on the same database. */
export async function startAnotherService(
  { env }: Stack,
  service: 'keys' | 'usage' | 'audit',
  settings: Readonly<Record<string, string>>,
): Promise<TestService> {
  const upper = service.toUpperCase();
  return await spawnService({
    entry: `services/${service}/src/main.ts`,
    env: {
      ...env,
      NATS_URL: env[`${upper}_NATS_URL`] ?? '',
      ...(service === 'keys' && {
        AUDIT_GRPC_URL: `127.0.0.1:${env['AUDIT_GRPC_PORT']}`,
        AUDIT_GRPC_TOKEN: env['KEYS_AUDIT_GRPC_TOKEN'] ?? '',
      }),
      [`${upper}_GRPC_PORT`]: String(await freePort()),
      [`${upper}_GRPC_CALLERS`]: grpcCallers(CALLED[service]),
      ...settings,
    },
    readyTimeoutMs: 120_000,
  });
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
