/** MLflow behind the gateway: by the SDK, with the command's own address, key, time-outs and failures. */
import type { CallOptions, ExperimentManager, MlPlatformError } from '@hokusai/ml-platform';
import type { Command } from 'commander';
import { unreachableAdvice } from './api/network.ts';
import { adviceFor } from './api/problem.ts';
import type { Access } from './config/access.ts';
import { type Context, noteRepetition } from './context.ts';
import { Failure, type FailureKind } from './failure.ts';

/** Where a gateway has MLflow, below its own address. */
const MLFLOW = '/mlflow';
/** As for the command's other requests. */
const PATIENCE = { maxRetries: 5, retryBudgetMs: 60_000 };

/**
 * Connects, uses and disconnects. Throws Failure for whatever the SDK throws.
 *
 * @param use is given what its calls take: they end on Ctrl-C
 */
export async function withManager<Result>(
  context: Context,
  command: Command,
  use: (manager: ExperimentManager, call: CallOptions) => Promise<Result>,
): Promise<Result> {
  const access = await context.accessFor(command);
  // Not needed by most commands, which start sooner without.
  const { createExperimentManager, MlPlatformError } = await import('@hokusai/ml-platform');
  let manager: ExperimentManager | undefined;
  try {
    manager = createExperimentManager({
      trackingUri: `${access.url.value}${MLFLOW}`,
      token: access.key.value,
      mockMode: false,
      ...PATIENCE,
      logger: {
        debug: ignore,
        info: ignore,
        error: ignore,
        warn: (_, details) => noteWait(context, details),
      },
    });
    return await use(manager, { signal: context.signal });
  } catch (thrown) {
    throw thrown instanceof MlPlatformError ? failureOf(thrown, access) : thrown;
  } finally {
    await manager?.close();
  }
}

function ignore(): void {}

function noteWait({ terminal }: Context, details: Readonly<Record<string, unknown>> = {}): void {
  const { waitMs } = details;
  if (typeof waitMs === 'number') noteRepetition(terminal, waitMs);
}

const KINDS: Readonly<Record<MlPlatformError['code'], FailureKind>> = {
  CONFIGURATION: 'configuration',
  CONNECTION_REFUSED: 'unavailable',
  HOST_NOT_FOUND: 'unavailable',
  TLS: 'unavailable',
  TIMEOUT: 'unavailable',
  CONNECTION_LOST: 'unavailable',
  AUTHENTICATION: 'unauthenticated',
  PERMISSION_DENIED: 'forbidden',
  NOT_FOUND: 'not_found',
  ALREADY_EXISTS: 'conflict',
  INVALID_REQUEST: 'invalid',
  RATE_LIMITED: 'rate_limited',
  SERVER_ERROR: 'unavailable',
  UNEXPECTED_ANSWER: 'configuration',
  ABORTED: 'cancelled',
  CHECKSUM: 'unavailable',
  BUFFER: 'internal',
};

function failureOf(error: MlPlatformError, access: Access): Failure {
  const kind = error.status === 500 ? 'internal' : KINDS[error.code];
  const message = kind === 'cancelled' ? 'Cancelled.' : error.message;
  const advice = adviceOf(kind, error, access);
  return new Failure(kind, message, { advice, requestId: error.requestId ?? undefined, cause: error });
}

/** The SDK's own advice names variables that are not the command's. */
function adviceOf(kind: FailureKind, error: MlPlatformError, access: Access): readonly string[] {
  switch (kind) {
    case 'unauthenticated':
    case 'forbidden':
    case 'rate_limited':
    case 'unavailable':
      if (error.status === null) return unreachableAdvice(access.url);
      return adviceFor(kind, { retryAfterSeconds: secondsToWait(error) }, access);
    case 'not_found':
      // Only models can be listed here.
      return /^run\b/i.test(error.message)
        ? ['Take the id of the run from its page in MLflow, or from the program that made it.']
        : ['See what there is with: hokusai models list'];
    case 'configuration':
      // Variables that are the SDK's, too: its message names them.
      if (error.code === 'CONFIGURATION') return [];
      return [
        `The address ${access.url.value} comes from ${access.url.source}. It is the gateway's own, without ${MLFLOW} at its end.`,
      ];
    case 'cancelled':
      return ['What was asked for may have been done: look before asking again.'];
    default:
      return [];
  }
}

function secondsToWait(error: MlPlatformError): number | undefined {
  const ms =
    'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
  return ms === undefined ? undefined : Math.ceil(ms / 1000);
}
