import { advice } from './advice.ts';
import { type ErrorDetails, MlPlatformError } from './ml-platform-error.ts';

/** Settings that can't be used; `problems` names each. */
export class ConfigurationError extends MlPlatformError {
  readonly code = 'CONFIGURATION';
  readonly problems: readonly string[];
  constructor(problems: readonly string[], details?: ErrorDetails) {
    super(
      `The configuration can't be used: ${problems.join('; ')}`,
      { canRetry: false, advice: problems },
      details,
    );
    this.problems = problems;
  }
}

/** The call's `signal` ended it. What was asked for may have been done. */
export class AbortedError extends MlPlatformError {
  readonly code = 'ABORTED';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: false, advice: advice.aborted }, details);
  }
}

/** A file's bytes are not those that were expected. */
export class ChecksumError extends MlPlatformError {
  readonly code = 'CHECKSUM';
  constructor(message: string, details?: ErrorDetails) {
    super(message, { canRetry: true, advice: advice.checksum }, details);
  }
}

/** One thing that was logged and is not on the server. */
export interface LostMetric {
  key: string;
  /** As text: steps can be beyond what JSON's numbers hold. */
  step: string;
  /** What the server said about the batch it was in. */
  reason: string;
}

/** Metrics that waited in the buffer and can't be stored; `lost` names each. */
export class BufferError extends MlPlatformError {
  readonly code = 'BUFFER';
  readonly lost: readonly LostMetric[];
  constructor(message: string, lost: readonly LostMetric[], details?: ErrorDetails) {
    super(message, { canRetry: false, advice: advice.buffer }, details);
    this.lost = lost;
  }
}
