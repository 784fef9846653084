/** A gRPC server as services start it, from variables, and calls of it by hand. */
import {
  type ChannelCredentials,
  Client,
  credentials,
  Metadata,
  type ServerDuplexStream,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { type ErrorObserver, services, streamHandler, unaryHandler } from '@hokusai/contracts';
import {
  bindService,
  type Environment,
  grpcServerOptions,
  grpcServerRule,
  grpcServerVariables,
  loadConfig,
  type RunningGrpcServer,
  startGrpcServer,
} from '../../src/index.ts';

const SERVICES = [services.keyValidation, services.audit];

export const loadServing = (env: Environment) =>
  loadConfig(grpcServerVariables('KEYS', SERVICES), env, [grpcServerRule('KEYS')]);

export interface GuardedServer extends RunningGrpcServer {
  /** Paths of calls that got to their handler. */
  handled: string[];
  /** What the observer was told. */
  refused: { reason: string | undefined; method: string; caller: string | undefined }[];
}

/** Unary methods, a bidirectional stream (`Follow`) and a server stream (`ExportEvents`), each answering once. */
export async function startGuarded(
  env: Environment,
  answer: (signal: AbortSignal) => Promise<object> = () => Promise.resolve({}),
): Promise<GuardedServer> {
  const handled: string[] = [];
  const refused: GuardedServer['refused'] = [];
  const observe: ErrorObserver = ({ reason }, method, caller) => refused.push({ reason, method, caller });
  const unary = (path: string) =>
    unaryHandler<object, object>((_, signal) => {
      handled.push(path);
      return answer(signal);
    }, observe);
  const options = { ...grpcServerOptions('KEYS', loadServing(env)), observe };
  const server = await startGrpcServer(options, [
    bindService(
      services.keyValidation,
      {
        ValidateKey: unary('ValidateKey'),
        GetKeyState: unary('GetKeyState'),
        Follow: (call: ServerDuplexStream<object, object>) => {
          handled.push('Follow');
          call.on('error', () => {});
          call.end();
        },
      },
      { GetKeyState: 50 },
    ),
    bindService(services.audit, {
      ConfirmStored: unary('ConfirmStored'),
      ExportEvents: streamHandler<object, object>(async function* () {
        handled.push('ExportEvents');
        yield await Promise.resolve({});
      }, observe),
    }),
  ]);
  return { ...server, handled, refused };
}

export interface RawCall {
  address: string;
  path: string;
  /** Values of the metadata `authorization`. */
  authorization?: readonly string[];
  metadata?: Readonly<Record<string, string>>;
  credentials?: ChannelCredentials;
  /** As they stand on the wire; empty is any message without fields. */
  request?: Buffer;
  timeoutMs?: number;
}

/** The status that a call ends with, streamed or not: gRPC frames all of them alike. */
export async function call(options: RawCall): Promise<{ code: status; details: string; metadata: Metadata }> {
  const { address, path, authorization = [], request = Buffer.alloc(0), timeoutMs } = options;
  const client = new Client(address, options.credentials ?? credentials.createInsecure());
  const metadata = new Metadata();
  for (const value of authorization) metadata.add('authorization', value);
  for (const [name, value] of Object.entries(options.metadata ?? {})) metadata.set(name, value);
  const deadline = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
  const bytes = (value: Buffer) => value;
  try {
    return await new Promise((resolve) => {
      const stream = client.makeBidiStreamRequest(path, bytes, bytes, metadata, deadline);
      stream.on('data', () => {});
      stream.on('error', (_: ServiceError) => {});
      stream.on('status', resolve);
      stream.end(request);
    });
  } finally {
    client.close();
  }
}

/** The name of the status. */
export async function statusOf(options: RawCall): Promise<string> {
  return status[(await call(options)).code] as string;
}
