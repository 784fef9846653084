/** Lists, page after page. */
import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { ApiClient, ApiRequest, CsvPage } from './client.ts';

/** The API's own bound. */
export const MAX_PAGE_SIZE = 200;

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
    if (nextCursor === cursor) throw samePage();
    cursor = nextCursor;
  }
}

/** The same as one table, with one header line. */
export async function listCsv(
  client: ApiClient,
  { path, query, limit, cursor: first }: ListRequest,
): Promise<CsvPage> {
  let text = '';
  let left = limit;
  for (let cursor = first; ; ) {
    const pageSize = Math.min(MAX_PAGE_SIZE, left);
    const page = await client.sendForCsv({
      method: 'GET',
      path,
      query: { ...query, limit: pageSize, cursor },
    });
    text += text === '' ? page.text : withoutHeader(page.text);
    left -= MAX_PAGE_SIZE;
    if (page.nextCursor === null || left <= 0) return { text, nextCursor: page.nextCursor };
    if (page.nextCursor === cursor) throw samePage();
    cursor = page.nextCursor;
  }
}

function withoutHeader(csv: string): string {
  return csv.slice(csv.indexOf('\n') + 1);
}

export function samePage(): Failure {
  return new Failure('internal', 'The gateway answers the same page again and again.');
}
