/** A second replica of each service of a running stack, and one address before its gateways. */
import { join } from 'node:path';
import {
  createPlan,
  freePort,
  loadStartConfig,
  PORT_VARIABLES,
  type PortVariable,
} from '@hokusai/local-stack';
import { spawnService, type TestService } from './service.ts';
import { startTcpBalancer } from './tcp-balancer.ts';

const SERVICES_WITH_DATABASE = ['keys', 'usage', 'audit'] as const;

/** A stack that `npm start` has started. */
export interface StartedStack {
  home: string;
  /** Of its file `env`. */
  env: Record<string, string>;
}

export interface Replicas extends AsyncDisposable {
  /** `http://127.0.0.1:<port>`: leads to either gateway in turn. */
  url: string;
}

/**
 * Starts another keys, usage and audit service, and two gateways that know both of each. The gateway of the stack itself
 * is left to itself: it knows of one each.
 */
export async function startReplicas(stack: StartedStack): Promise<Replicas> {
  const { serviceEnv } = planOf(stack);
  const grpcPorts = await Promise.all(SERVICES_WITH_DATABASE.map(() => freePort()));
  const both = Object.fromEntries(
    SERVICES_WITH_DATABASE.map((name, index) => {
      const upper = name.toUpperCase();
      return [
        `${upper}_GRPC_URL`,
        `127.0.0.1:${stack.env[`${upper}_GRPC_PORT`]},127.0.0.1:${grpcPorts[index]}`,
      ];
    }),
  );
  const addresses = (env: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(both).filter(([name]) => name in env));
  const spawn = async (name: keyof typeof serviceEnv, more: Record<string, string>) => {
    const env = { ...serviceEnv[name], ...addresses(serviceEnv[name]), ...more };
    return await spawnService({
      entry: `services/${name}/src/main.ts`,
      env: { ...env, HEALTH_PORT: String(await freePort()) },
      readyTimeoutMs: 120_000,
    });
  };
  const services: TestService[] = [];
  for (const [index, name] of SERVICES_WITH_DATABASE.entries())
    services.push(await spawn(name, { [`${name.toUpperCase()}_GRPC_PORT`]: String(grpcPorts[index]) }));
  const gatewayPorts = [await freePort(), await freePort()];
  const balancer = await startTcpBalancer(() => gatewayPorts);
  const url = `http://127.0.0.1:${balancer.port}`;
  for (const port of gatewayPorts)
    services.push(await spawn('gateway', { GATEWAY_PORT: String(port), PUBLIC_ORIGINS: url }));
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      await balancer[Symbol.asyncDispose]();
      for (const service of services.toReversed()) await service.stop();
    },
  };
}

/** As the start of the stack planned it: all that it made then stands in its file `env`. */
function planOf({ home, env }: StartedStack) {
  const ports = Object.fromEntries(PORT_VARIABLES.map((name) => [name, Number(env[name])]));
  return createPlan({
    config: loadStartConfig({}, env),
    saved: env,
    ports: ports as Record<PortVariable, number>,
    adminKeyFile: join(home, 'admin.key'),
    spoolDirectory: join(home, 'data/spool'),
    checkpointDirectory: join(home, 'data/audit-checkpoints'),
    random: () => {
      throw new Error('the stack has not written what it made');
    },
  });
}
