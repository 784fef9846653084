/** More than one, since each waits for the server; few, since the server does too. */
const FILES_AT_ONCE = 4;

/**
 * Does `work` for each item, some at a time. The first failure aborts the signal that the others got, and is thrown when
 * they have ended: nothing goes on afterwards.
 */
export async function mapBounded<Item, Result>(
  items: readonly Item[],
  outer: AbortSignal | undefined,
  work: (item: Item, signal: AbortSignal) => Promise<Result>,
): Promise<Result[]> {
  const { controller, release } = followed(outer);
  const results: Result[] = [];
  const failures: unknown[] = [];
  const queue = items.entries();
  const worker = async () => {
    for (const [index, item] of queue) {
      results[index] = await work(item, controller.signal);
      if (failures.length > 0) return;
    }
  };
  const guarded = async () => {
    try {
      await worker();
    } catch (error) {
      failures.push(error);
      controller.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(FILES_AT_ONCE, items.length) }, guarded));
  release();
  if (failures.length > 0) throw failures[0];
  return results;
}

/** A controller of the caller's own, which is aborted with a signal, too, until it is released. */
export function followed(signal: AbortSignal | undefined): {
  controller: AbortController;
  release: () => void;
} {
  const controller = new AbortController();
  const abort = () => controller.abort(signal?.reason);
  if (signal?.aborted) abort();
  signal?.addEventListener('abort', abort, { once: true });
  return { controller, release: () => signal?.removeEventListener('abort', abort) };
}
