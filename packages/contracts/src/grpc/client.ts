/** gRPC clients with promises, deadlines and HokusaiError. */
import {
  type ChannelCredentials,
  type ChannelOptions,
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  Metadata,
  type ServiceError,
} from '@grpc/grpc-js';
import type { MethodDefinition } from '@grpc/proto-loader';
import { HokusaiError } from '../errors.ts';
import { hostsOf, targetOf } from './addresses.ts';
import { fromServiceError } from './errors.ts';
import { type ClientTls, RenewableCredentials } from './tls.ts';
import { currentTraceparent } from './trace-scope.ts';

export type { ClientTls } from './tls.ts';

export interface CallOptions {
  /** How long to wait for the answer; the client's default if absent. */
  timeoutMs?: number;
  /** W3C trace context to pass on; that of the running code if absent. */
  traceparent?: string;
  signal?: AbortSignal;
}

/** Request (as sent) and response (as read) types of a method of a generated service definition. */
type RequestOf<Method> =
  Method extends MethodDefinition<infer Request, infer _1, infer _2, infer _3> ? Request : never;
type ResponseOf<Method> =
  Method extends MethodDefinition<infer _1, infer _2, infer _3, infer Response> ? Response : never;

export interface ServiceClient<Definition> {
  /** Calls a unary method. Throws HokusaiError. */
  call<Name extends keyof Definition & string>(
    method: Name,
    request: RequestOf<Definition[Name]>,
    options?: CallOptions,
  ): Promise<ResponseOf<Definition[Name]>>;
  /** Opens a bidirectional stream; it has no deadline. Its errors are grpc-js's own. */
  duplex<Name extends keyof Definition & string>(
    method: Name,
  ): ClientDuplexStream<RequestOf<Definition[Name]>, ResponseOf<Definition[Name]>>;
  /** Opens a server stream; it has no deadline. Its errors are grpc-js's own. */
  serverStream<Name extends keyof Definition & string>(
    method: Name,
    request: RequestOf<Definition[Name]>,
  ): ClientReadableStream<ResponseOf<Definition[Name]>>;
  /**
   * Reads a server stream at its own pace; the call ends when it reads no further. `timeoutMs` is how long each
   * message may take. Throws HokusaiError.
   */
  read<Name extends keyof Definition & string>(
    method: Name,
    request: RequestOf<Definition[Name]>,
    options?: CallOptions,
  ): AsyncGenerator<ResponseOf<Definition[Name]>, void, undefined>;
  close(): void;
}

export interface ServiceClientOptions {
  /** Name of the service in error messages, e.g. `keys service`. */
  peer: string;
  /** `host:port`, or several separated by commas: calls go round them, and past the dead ones. */
  address: string;
  /** Default deadline of a call. */
  timeoutMs: number;
  /** Proves to the service who is calling. */
  token?: string;
  /** Plain HTTP/2 if absent. Asked at each connection: certificates may be renewed while a client lives. */
  tls?: () => ClientTls;
}

const CHANNEL_OPTIONS: ChannelOptions = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  // A replica that comes back is found within a second, not grpc's default of up to two minutes.
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 1000,
  // The same for one that comes back under another address; the default is half a minute.
  'grpc.dns_min_time_between_resolutions_ms': 1000,
  // What is configured here must not be changed by whoever can write a TXT record.
  'grpc.service_config_disable_resolution': 1,
  // A peer that is gone without a word (power loss, cut cable) is noticed after 10 + 5 s.
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5000,
  'grpc.keepalive_permit_without_calls': 1,
};

/** Client of one service, from its definition in `services`. */
export function createServiceClient<Definition extends object>(
  definition: Definition,
  options: ServiceClientOptions,
): ServiceClient<Definition> {
  const client = new Client(targetOf(options.address), channelCredentials(options), CHANNEL_OPTIONS);
  const methodOf = (name: string) =>
    (definition as Record<string, MethodDefinition<object, object>>)[name] as MethodDefinition<
      object,
      object
    >;
  return {
    call: (name, request, callOptions = {}) =>
      unary(client, methodOf(name), request as object, options, callOptions) as never,
    duplex: (name) => {
      const { path, requestSerialize, responseDeserialize } = methodOf(name);
      return client.makeBidiStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        metadataOf(options),
      ) as never;
    },
    serverStream: (name, request) => {
      const { path, requestSerialize, responseDeserialize } = methodOf(name);
      return client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        request as object,
        metadataOf(options),
      ) as never;
    },
    read: (name, request, callOptions = {}) =>
      readStream(client, methodOf(name), request as object, options, callOptions) as never,
    close: () => client.close(),
  };
}

function channelCredentials({ address, tls }: ServiceClientOptions): ChannelCredentials {
  return tls ? new RenewableCredentials(hostsOf(address), tls) : credentials.createInsecure();
}

/** grpc-js's own credentials of calls are for TLS only. */
function metadataOf({ token }: ServiceClientOptions): Metadata {
  const metadata = new Metadata();
  if (token !== undefined) metadata.set('authorization', `Bearer ${token}`);
  return metadata;
}

function callMetadata(clientOptions: ServiceClientOptions, options: CallOptions): Metadata {
  const { traceparent = currentTraceparent() } = options;
  const metadata = metadataOf(clientOptions);
  if (traceparent) metadata.set('traceparent', traceparent);
  return metadata;
}

function unary(
  client: Client,
  method: MethodDefinition<object, object>,
  request: object,
  clientOptions: ServiceClientOptions,
  options: CallOptions,
): Promise<object> {
  const { peer, timeoutMs } = clientOptions;
  const metadata = callMetadata(clientOptions, options);
  const deadline = Date.now() + (options.timeoutMs ?? timeoutMs);
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, response?: object) => {
      options.signal?.removeEventListener('abort', abort);
      if (error) reject(fromServiceError(error, peer));
      else resolve(response as object);
    };
    const { path, requestSerialize, responseDeserialize } = method;
    const call = client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      request,
      metadata,
      { deadline },
      done,
    );
    const abort = () => call.cancel();
    options.signal?.addEventListener('abort', abort, { once: true });
    if (options.signal?.aborted) abort();
  });
}

async function* readStream(
  client: Client,
  { path, requestSerialize, responseDeserialize }: MethodDefinition<object, object>,
  request: object,
  clientOptions: ServiceClientOptions,
  options: CallOptions,
): AsyncGenerator<object, void, undefined> {
  const { peer } = clientOptions;
  const { timeoutMs = clientOptions.timeoutMs, signal } = options;
  const metadata = callMetadata(clientOptions, options);
  const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request, metadata);
  // Whoever reads is told by what they wait for; nobody may be waiting when the call is cancelled.
  call.on('error', () => undefined);
  const cancel = () => call.cancel();
  signal?.addEventListener('abort', cancel, { once: true });
  if (signal?.aborted) cancel();
  let isLate = false;
  const startTimer = () =>
    setTimeout(() => {
      isLate = true;
      cancel();
    }, timeoutMs);
  let timer = startTimer();
  try {
    for await (const message of call) {
      clearTimeout(timer);
      yield message as object;
      timer = startTimer();
    }
  } catch (error) {
    throw isLate ? late(peer, timeoutMs) : fromServiceError(error as ServiceError, peer);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
}

function late(peer: string, timeoutMs: number): HokusaiError {
  const message = `The ${peer} did not answer within ${timeoutMs} ms.`;
  return new HokusaiError('deadline_exceeded', message);
}
