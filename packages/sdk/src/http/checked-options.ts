import { InvalidRequestError } from '../errors/errors.ts';
import type { CallOptions } from '../model/values.ts';

/** The longest that a timer of Node.js waits; beyond it, it does not wait at all. */
const LONGEST_MS = 2 ** 31 - 1;

/** The options, if their time-out is one. Throws `InvalidRequestError`. */
export function checkedOptions(options: CallOptions): CallOptions {
  const { timeoutMs } = options;
  if (timeoutMs === undefined || (Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= LONGEST_MS))
    return options;
  throw new InvalidRequestError(
    `timeoutMs is ${String(timeoutMs)}: it has to be a whole number of milliseconds from 1 to ${LONGEST_MS}.`,
  );
}
