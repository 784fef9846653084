import { BufferError, MlPlatformError } from '../errors/errors.ts';
import type { Run } from '../model/run.ts';

/** Each gets its chance. */
export async function flushAll(runs: readonly Pick<Run, 'flush'>[]): Promise<void> {
  const results = await Promise.allSettled(runs.map((run) => run.flush()));
  const [first, ...others] = results
    .filter((result) => result.status === 'rejected')
    .map(({ reason }) => reason as Error);
  if (first && others.length > 0) {
    throw manyFailed([first, ...others]);
  }
  if (first) {
    throw first;
  }
}

function manyFailed(errors: readonly Error[]): BufferError {
  const lost = errors.flatMap((error) => (error instanceof BufferError ? error.lost : []));
  const canRetry = errors.some((error) => error instanceof MlPlatformError && error.canRetry);
  const messages = errors.map(({ message }) => message);
  return new BufferError(`${errors.length} runs could not be flushed: ${messages.join('; ')}`, lost, {
    canRetry,
    cause: new AggregateError(errors),
  });
}
