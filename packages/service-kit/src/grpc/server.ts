/** A gRPC server with the standard health service and reflection. */

import {
  Server,
  ServerCredentials,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { protoPackage } from '@hokusai/contracts';
import { HealthImplementation } from 'grpc-health-check';

export interface GrpcServiceBinding {
  definition: ServiceDefinition;
  handlers: UntypedServiceImplementation;
}

export interface RunningGrpcServer {
  port: number;
  /** What the gRPC health protocol answers, for the server as a whole and for each of its services. */
  setServing(serving: boolean): void;
  /** Lets running calls end for at most `graceMs`, then cuts them off. */
  close(graceMs?: number): Promise<void>;
}

/** Ties a generated definition to its handlers; the two are checked against each other here. */
export function bindService<Definition>(
  definition: Definition,
  handlers: { [Name in keyof Definition]?: unknown },
): GrpcServiceBinding {
  return {
    definition: definition as ServiceDefinition,
    handlers: handlers as UntypedServiceImplementation,
  };
}

export async function startGrpcServer(
  address: { host: string; port: number },
  bindings: readonly GrpcServiceBinding[],
): Promise<RunningGrpcServer> {
  const server = new Server({
    // Gateways ping idle connections every 10 s; the default would answer that with GOAWAY.
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5000,
  });
  const names = bindings.map(({ definition }) => serviceNameOf(definition));
  const health = new HealthImplementation(
    Object.fromEntries(['', ...names].map((name) => [name, 'NOT_SERVING'])),
  );
  for (const { definition, handlers } of bindings) server.addService(definition, handlers);
  health.addToServer(server);
  new ReflectionService(protoPackage).addToServer(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`${address.host}:${address.port}`, ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const setServing = (serving: boolean) => {
    for (const name of ['', ...names]) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  };
  return { port, setServing, close: (graceMs = 5000) => closeServer(server, setServing, graceMs) };
}

async function closeServer(
  server: Server,
  setServing: (serving: boolean) => void,
  graceMs: number,
): Promise<void> {
  setServing(false);
  const timer = setTimeout(() => server.forceShutdown(), graceMs);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  clearTimeout(timer);
}

function serviceNameOf(definition: ServiceDefinition): string {
  const path = Object.values(definition)[0]?.path ?? '';
  return path.split('/')[1] ?? '';
}
