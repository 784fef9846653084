import type { CallOptions } from '../model/values.ts';

/** Without what else the options of a whole action hold, for the calls that it is made of: a run's tags are not its experiment's. */
export function callOptions({ signal, timeoutMs }: CallOptions): CallOptions {
  return { ...(signal && { signal }), ...(timeoutMs !== undefined && { timeoutMs }) };
}
