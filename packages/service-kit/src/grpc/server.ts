/** A gRPC server with the standard health service, for callers that it knows. */

import {
  Server,
  ServerCredentials,
  type ServerInterceptor,
  type ServiceDefinition,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js';
import { ReflectionService } from '@grpc/reflection';
import { type ErrorObserver, protoPackage } from '@hokusai/contracts';
import { HealthImplementation } from 'grpc-health-check';
import { listeningError } from '../listening.ts';
import { guardCallers } from './caller-guard.ts';
import type { CallerEntry } from './callers.ts';
import { prepareHeaders } from './headers.ts';
import { readStrictly, refuseMalformed } from './messages.ts';
import { limitTime } from './time-limit.ts';
import { type ServerTls, TlsCredentials } from './tls.ts';

export interface GrpcServiceBinding {
  definition: ServiceDefinition;
  handlers: UntypedServiceImplementation;
  /** By path, for how long a unary call may last, where it is not the default. */
  limitsMs: ReadonlyMap<string, number>;
}

export interface RunningGrpcServer {
  port: number;
  /** What the gRPC health protocol answers, for the server as a whole and for each of its services. */
  setServing(serving: boolean): void;
  /** Takes another certificate for connections from now on. Throws if it can't be used. */
  renewTls(tls: ServerTls | undefined): void;
  /** Lets running calls end for at most `graceMs`, then cuts them off. */
  close(graceMs?: number): Promise<void>;
}

/**
 * Ties a generated definition to its handlers; the two are checked against each other here. `limitsMs`, by the
 * method's name, are for unary calls that may take longer than others, whatever deadline their caller sets.
 */
export function bindService<Definition>(
  definition: Definition,
  handlers: { [Name in keyof Definition]?: unknown },
  limitsMs: { [Name in keyof Definition]?: number } = {},
): GrpcServiceBinding {
  const methods = readStrictly(definition as ServiceDefinition);
  const limits = Object.entries<number | undefined>(limitsMs).map(
    ([name, limitMs]) => [methods[name]?.path ?? '', limitMs ?? DEFAULT_LIMIT_MS] as const,
  );
  return {
    definition: methods,
    handlers: handlers as UntypedServiceImplementation,
    limitsMs: new Map(limits),
  };
}

export interface GrpcServerOptions {
  host: string;
  /** 0: any free one. */
  port: number;
  /** Of the variables that say so, as `KEYS_GRPC`: named where the address can't be had. */
  prefix?: string;
  /** Nobody else is served, but for health. */
  callers: readonly CallerEntry[];
  /** Tell callers what methods and messages there are. */
  hasReflection?: boolean;
  /** Plain HTTP/2 if absent. */
  tls?: ServerTls;
  /** Told of refused callers. */
  observe: ErrorObserver;
  /** Asked before all others, of every call. */
  interceptors?: readonly ServerInterceptor[];
}

/** For unary calls. A revocation that waits for silent gateways takes a little over one minute. */
const DEFAULT_LIMIT_MS = 120_000;

/** Starts to serve the bindings. The health protocol says NOT_SERVING until `setServing`. Rejects if it can't listen. */
export async function startGrpcServer(
  options: GrpcServerOptions,
  bindings: readonly GrpcServiceBinding[],
): Promise<RunningGrpcServer> {
  const limits = new Map(bindings.flatMap(({ limitsMs }) => [...limitsMs]));
  const server = new Server({
    // Gateways ping idle connections every 10 s; the default would answer that with GOAWAY.
    'grpc.keepalive_time_ms': 10_000,
    'grpc.keepalive_timeout_ms': 5000,
    // The first one is asked first.
    interceptors: [
      ...(options.interceptors ?? []),
      guardCallers(options),
      refuseMalformed(options.observe),
      limitTime((path) => limits.get(path) ?? DEFAULT_LIMIT_MS),
    ],
  });
  const names = bindings.map(({ definition }) => serviceNameOf(definition));
  const health = new HealthImplementation(
    Object.fromEntries(['', ...names].map((name) => [name, 'NOT_SERVING'])),
  );
  for (const { definition, handlers } of bindings) server.addService(definition, handlers);
  health.addToServer(server);
  if (options.hasReflection) new ReflectionService(protoPackage).addToServer(server);
  const tls = options.tls && new TlsCredentials(options.tls);
  const host = options.host.includes(':') ? `[${options.host.replace(/^\[|\]$/g, '')}]` : options.host;
  const refusal = (error: Error) => (options.prefix ? listeningError(error, options, options.prefix) : error);
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = tls ?? ServerCredentials.createInsecure();
    server.bindAsync(`${host}:${options.port}`, credentials, (error, bound) =>
      error ? reject(refusal(error)) : resolve(bound),
    );
  });
  prepareHeaders(server);
  const setServing = (serving: boolean) => {
    for (const name of ['', ...names]) health.setStatus(name, serving ? 'SERVING' : 'NOT_SERVING');
  };
  return {
    port,
    setServing,
    renewTls: (renewed) => {
      if (renewed) tls?.renew(renewed);
    },
    close: (graceMs = 5000) => closeServer(server, setServing, graceMs),
  };
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
