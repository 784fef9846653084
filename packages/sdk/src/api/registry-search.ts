import type { JsonObject } from '../http/json.ts';
import type { Search, SearchOptions } from '../model/values.ts';
import type { Calls } from './calls.ts';
import { readObjects, readTextOr } from './read.ts';
import { createSearch, pageSize } from './search.ts';

interface RegistrySearch<Item> {
  path: string;
  /** Member of the answer that has the items. */
  member: string;
  read: (item: JsonObject) => Item;
  page: { usual: number; most: number };
}

/** Models and their versions are searched alike: by GET, in one form of page. */
export function searchRegistry<Item>(
  calls: Calls,
  { path, member, read, page }: RegistrySearch<Item>,
  options: SearchOptions = {},
): Search<Item> {
  return createSearch(async (pageToken) => {
    const query = {
      filter: options.filter,
      order_by: options.orderBy,
      max_results: pageSize(options.pageSize, page),
      page_token: pageToken,
    };
    const answer = await calls.get(path, query, options);
    return {
      items: readObjects(answer, member).map(read),
      nextPageToken: readTextOr(answer, 'next_page_token', null),
    };
  });
}
