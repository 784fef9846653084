/** Lists, page after page. */
import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { ApiClient, ApiRequest } from './client.ts';

/** The API's own bound. */
const MAX_PAGE_SIZE = 200;

export interface Listing<Item> {
  items: Item[];
  /** Where to go on; null at the end. */
  nextCursor: string | null;
  /** `{"data": […], "next_cursor": …}`: as it came, if one page was enough. */
  json: string;
}

export interface ListRequest {
  path: string;
  query: NonNullable<ApiRequest['query']>;
  /** At most so many; Infinity for all. */
  limit: number;
  /** Where to begin, from an earlier listing. */
  cursor?: string | undefined;
}

export async function listItems<Schema extends z.ZodType>(
  client: ApiClient,
  schema: Schema,
  { path, query, limit, cursor: first }: ListRequest,
): Promise<Listing<z.infer<Schema>>> {
  const page = z.looseObject({ data: z.array(schema), next_cursor: z.string().nullable() });
  const items: z.infer<Schema>[] = [];
  for (let cursor = first; ; ) {
    const pageSize = Math.min(MAX_PAGE_SIZE, limit - items.length);
    const { value, json } = await client.send(page, {
      method: 'GET',
      path,
      query: { ...query, limit: pageSize, cursor },
    });
    const isOnly = items.length === 0;
    for (const item of value.data) items.push(item);
    const { next_cursor: nextCursor } = value;
    if (nextCursor === null || items.length >= limit) {
      return {
        items,
        nextCursor,
        json: isOnly ? json : `${JSON.stringify({ data: items, next_cursor: nextCursor })}\n`,
      };
    }
    if (nextCursor === cursor)
      throw new Failure('internal', 'The gateway answers the same page again and again.');
    cursor = nextCursor;
  }
}
