import { UnexpectedAnswerError } from '../errors/errors.ts';
import type { Search } from '../model/values.ts';

export interface Page<Item> {
  items: readonly Item[];
  /** Of the next page; absent or empty at the last. */
  nextPageToken?: string | null;
}

/** Asks the server for one page; the first has no token. */
export type AskForPage<Item> = (pageToken: string | undefined) => Promise<Page<Item>>;

export function createSearch<Item>(ask: AskForPage<Item>): Search<Item> {
  return createSearchAfter(() => Promise.resolve(ask));
}

/** @param begin is asked for the pages anew for each iteration */
export function createSearchAfter<Item>(begin: () => Promise<AskForPage<Item>>): Search<Item> {
  async function* pages(): AsyncGenerator<readonly Item[]> {
    const ask = await begin();
    let token: string | undefined;
    const named = new Set<string>();
    do {
      const { items, nextPageToken } = await ask(token);
      // Servers of 2.x may send an empty last page.
      if (items.length > 0) {
        yield items;
      }
      token = nextPageToken || undefined;
      if (token !== undefined && named.has(token))
        throw new UnexpectedAnswerError(
          'The pages of a search go in a circle: the server names one again.',
          {},
        );
      if (token !== undefined) named.add(token);
    } while (token !== undefined);
  }
  return {
    pages,
    async *[Symbol.asyncIterator]() {
      for await (const items of pages()) {
        yield* items;
      }
    },
  };
}

/** The server refuses to send more at once, so a page has at most that many. */
export function pageSize(asked: number | undefined, bounds: { usual: number; most: number }): number {
  return Math.min(asked ?? bounds.usual, bounds.most);
}
