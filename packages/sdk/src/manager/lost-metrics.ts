import { BufferError, type LostMetric } from '../errors/errors.ts';
import { type ErrorDetails, MlPlatformError } from '../errors/ml-platform-error.ts';
import type { Metric } from '../model/run.ts';
import type { Refusal } from './store-apart.ts';

/** So many are named, so that a program that logs nothing but nonsense does not fill its memory with it. */
const MAX_NAMED = 1000;

/** Metrics that can't be stored, kept until someone is told. */
export class LostMetrics {
  #named: LostMetric[] = [];
  #count = 0;
  #cause: Error | undefined;

  get isEmpty(): boolean {
    return this.#count === 0;
  }

  add({ metrics, error }: Refusal): void {
    this.#count += metrics.length;
    this.#cause ??= error;
    for (const metric of metrics.slice(0, MAX_NAMED - this.#named.length)) {
      this.#named.push(name(metric, error.message));
    }
  }

  /** Throws what there is, once. */
  tell(): void {
    if (this.#count === 0) {
      return;
    }
    const [first] = this.#named;
    const error = new BufferError(
      `${countOf(this.#count)} can't be stored, the first being "${first?.key}" at step ${first?.step}: ${first?.reason}`,
      this.#named,
      detailsOf(this.#cause),
    );
    this.#named = [];
    this.#count = 0;
    this.#cause = undefined;
    throw error;
  }
}

/** For metrics that the buffer has no room for and the server does not take. They can be logged again. */
export function noRoomFor(metrics: readonly Metric[], cause: unknown): BufferError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new BufferError(
    `${countOf(metrics.length)} found no room: the buffer is full, and what it holds could not be sent: ${reason}`,
    metrics.slice(0, MAX_NAMED).map((metric) => name(metric, reason)),
    { ...detailsOf(cause), canRetry: true },
  );
}

/** What the server said of the request that failed. */
function detailsOf(cause: unknown): ErrorDetails {
  if (!(cause instanceof MlPlatformError)) return { cause };
  const { errorCode, requestId, status } = cause;
  return {
    errorCode: errorCode ?? undefined,
    requestId: requestId ?? undefined,
    status: status ?? undefined,
    cause,
  };
}

function name({ key, step }: Metric, reason: string): LostMetric {
  return { key, step: String(step), reason };
}

function countOf(metrics: number): string {
  return metrics === 1 ? 'A metric' : `${metrics} metrics`;
}
