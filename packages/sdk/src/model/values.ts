/** What numbers and calls look like everywhere in the interface. */

/** A 64-bit integer of MLflow: a `bigint` where a `number` would not be exact (beyond 2^53 - 1), a `number` otherwise. */
export type Int64 = number | bigint;

/** What every call that talks to a server takes. */
export interface CallOptions {
  /** Ends the call, its waits and its retries; the call rejects with `AbortedError`. */
  signal?: AbortSignal;
  /** For each attempt, in place of the configured one, in milliseconds. */
  timeoutMs?: number;
}

/** Results of a search, asked for page by page as they are read. Each iteration begins a new search. */
export interface Search<Item> extends AsyncIterable<Item> {
  /** The same results in the pages in which the server sends them. */
  pages(): AsyncIterable<readonly Item[]>;
}

export interface SearchOptions extends CallOptions {
  /** In MLflow's search syntax, e.g. `metrics.loss < 0.1 and tags.stage = 'final'`. */
  filter?: string;
  /** E.g. `['metrics.loss ASC']`. */
  orderBy?: readonly string[];
  /** At most so many in a page; the server has an upper bound of its own. */
  pageSize?: number;
}

/** Which of the deleted and the others a search finds; `active` if absent. */
export type View = 'active' | 'deleted' | 'all';
