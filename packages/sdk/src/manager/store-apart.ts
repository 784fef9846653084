import { InvalidRequestError } from '../errors/errors.ts';
import type { Metric } from '../model/run.ts';

/** More than the 10 halvings that find one metric among 1000, and few enough for a batch of which none can be stored. */
const MAX_REFUSALS = 24;

export interface Refusal {
  metrics: readonly Metric[];
  error: InvalidRequestError;
}

export interface Outcome {
  /** What the server will not store, with its reason. */
  refused: readonly Refusal[];
  /** What it did not get, in order, because of `error`; all else is stored. */
  unsent: readonly Metric[];
  /** undefined if everything was sent. */
  error: unknown;
}

/**
 * Stores a batch in order. The server stores all of a batch or none, so one metric that it refuses would take the others
 * along: a refused batch is halved, and its halves again, until those that are refused stand apart. After many refusals
 * what is refused is no longer halved.
 *
 * @param send stores metrics, all or none; its `InvalidRequestError` is about them, any other error about the way there
 */
export async function storeApart(
  batch: readonly Metric[],
  send: (metrics: readonly Metric[]) => Promise<void>,
): Promise<Outcome> {
  const refused: Refusal[] = [];
  const parts = [batch];
  let refusals = 0;
  for (let part = parts.shift(); part; part = parts.shift()) {
    try {
      await send(part);
    } catch (error) {
      if (!(error instanceof InvalidRequestError)) {
        return { refused, unsent: [part, ...parts].flat(), error };
      }
      refusals += 1;
      if (part.length === 1 || refusals > MAX_REFUSALS) {
        refused.push({ metrics: part, error });
      } else {
        const middle = Math.ceil(part.length / 2);
        parts.unshift(part.slice(0, middle), part.slice(middle));
      }
    }
  }
  return { refused, unsent: [], error: undefined };
}
