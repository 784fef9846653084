/** One question to a server, without repetition: what it says, or what kind of failure that is. */
import type { IncomingHttpHeaders } from 'node:http';
import type { ResolvedConfig } from '../config/config.ts';
import type { Credentials } from '../config/credentials.ts';
import { AbortedError, type ErrorCode, MlPlatformError, TimeoutError } from '../errors/errors.ts';
import type { HttpClient } from '../http/client.ts';
import type { DiagnoseDependencies } from './dependencies.ts';
import { type FailureKind, failed, type Outcome } from './report.ts';

/** More is no answer to any of the questions here. */
const MAX_BYTES = 64 * 1024;

export interface Answer {
  text: string;
  headers: IncomingHttpHeaders;
  /** Half-way between question and answer, in milliseconds since the epoch, by this machine's clock. */
  atMs: number;
}

export interface Asking {
  dependencies: DiagnoseDependencies;
  config: ResolvedConfig;
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

/** Uses a client for another base address or other credentials, and closes it. */
export async function withClient<Result>(
  { dependencies, config, timeoutMs }: Asking,
  base: URL,
  credentials: Credentials,
  use: (client: HttpClient) => Promise<Result>,
): Promise<Result> {
  const own = { ...config, trackingUri: base, credentials, timeoutMs, maxRetries: 0 };
  const client = dependencies.createClient(own);
  try {
    return await use(client);
  } finally {
    client.close();
  }
}

/** The answer to a GET of an address below `base`. Rejects with `MlPlatformError`. */
export function ask(asking: Asking, base: URL, path: string, credentials: Credentials): Promise<Answer> {
  const { signal, dependencies, timeoutMs } = asking;
  return withClient(asking, base, credentials, (client) =>
    inTime({ timeoutMs, signal }, async (call) => {
      const sentMs = dependencies.clock.now();
      const { body, headers } = await client.download({ path }, call);
      const atMs = (sentMs + dependencies.clock.now()) / 2;
      return { text: (await readBytes(body)).toString('utf8'), headers, atMs };
    }),
  );
}

/** The whole of a question, however slowly its answer drips: the client's own time-out is one of silence. */
export async function inTime<Result>(
  { timeoutMs, signal }: Pick<Asking, 'timeoutMs' | 'signal'>,
  question: (call: { signal: AbortSignal }) => Promise<Result>,
): Promise<Result> {
  const deadline = AbortSignal.timeout(timeoutMs);
  try {
    return await question({ signal: signal ? AbortSignal.any([signal, deadline]) : deadline });
  } catch (error) {
    if (!(error instanceof AbortedError) || signal?.aborted) throw error;
    throw new TimeoutError(`The answer was not there within ${timeoutMs} ms`, { cause: error });
  }
}

/** At most so much; a longer one is cut. */
export async function readBytes(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > MAX_BYTES) break;
  }
  return Buffer.concat(chunks);
}

const KINDS: Readonly<Record<ErrorCode, FailureKind>> = {
  CONFIGURATION: 'configuration',
  CONNECTION_REFUSED: 'unavailable',
  HOST_NOT_FOUND: 'unavailable',
  TLS: 'unavailable',
  TIMEOUT: 'unavailable',
  CONNECTION_LOST: 'unavailable',
  AUTHENTICATION: 'unauthenticated',
  PERMISSION_DENIED: 'forbidden',
  NOT_FOUND: 'configuration',
  ALREADY_EXISTS: 'incomplete',
  INVALID_REQUEST: 'incomplete',
  RATE_LIMITED: 'rate_limited',
  SERVER_ERROR: 'unavailable',
  UNEXPECTED_ANSWER: 'configuration',
  ABORTED: 'unavailable',
  CHECKSUM: 'incomplete',
  BUFFER: 'incomplete',
};

export function kindOf(error: MlPlatformError): FailureKind {
  return KINDS[error.code];
}

/** What a question came to that was not answered as it should be. Throws what is no failure of a server. */
export function failureOf(thrown: unknown, what: string): Outcome {
  if (!(thrown instanceof MlPlatformError)) throw thrown;
  return failed(kindOf(thrown), `${what}: ${thrown.message.replace(/\.?$/, '.')}`, thrown.advice);
}
