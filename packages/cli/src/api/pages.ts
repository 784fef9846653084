/** Lists, page after page. */
import { z } from 'zod';
import { Failure } from '../failure.ts';
import type { ApiClient, ApiRequest, CsvPage } from './client.ts';

/** The API's own bound for lists. */
export const MAX_PAGE_SIZE = 200;

export interface Listing<Item> {
  items: Item[];
  /** Where to go on; null at the end. */
  nextCursor: string | null;
  /** There are more now. */
  hasMore: boolean;
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
  /** Its last page leads on to what comes later: the end for now is a page that is not full. */
  isEndless?: boolean;
}

interface ReadPage<Page> {
  page: Page;
  /** How many items it has, or may have. */
  count: number;
  nextCursor: string | null;
}

/** Reads page after page, until there are as many items as wanted, or no more: one page at least. */
export async function readPages<Page>(
  {
    limit,
    cursor: first,
    isEndless = false,
    maxPageSize = MAX_PAGE_SIZE,
  }: Pick<ListRequest, 'limit' | 'cursor' | 'isEndless'> & { maxPageSize?: number },
  read: (part: { limit: number; cursor: string | undefined }) => Promise<ReadPage<Page>>,
): Promise<[Page, ...Page[]]> {
  const pages: Page[] = [];
  let left = limit;
  for (let cursor = first; ; ) {
    const size = Math.min(maxPageSize, left);
    const { page, count, nextCursor } = await read({ limit: size, cursor });
    pages.push(page);
    left -= count;
    if (nextCursor === null || left <= 0 || (isEndless && count < size)) return pages as [Page, ...Page[]];
    if (nextCursor === cursor)
      throw new Failure('internal', 'The gateway answers the same page again and again.');
    cursor = nextCursor;
  }
}

export async function listItems<Schema extends z.ZodType>(
  client: ApiClient,
  schema: Schema,
  { path, query, ...extent }: ListRequest,
): Promise<Listing<z.infer<Schema>>> {
  const schemaOfPage = z.looseObject({ data: z.array(schema), next_cursor: z.string().nullable() });
  const pages = await readPages(extent, async (part) => {
    const page = await client.send(schemaOfPage, { method: 'GET', path, query: { ...query, ...part } });
    return { page, count: page.value.data.length, nextCursor: page.value.next_cursor };
  });
  const items = pages.flatMap(({ value }) => value.data);
  const nextCursor = pages.at(-1)?.value.next_cursor ?? null;
  const whole = `${JSON.stringify({ data: items, next_cursor: nextCursor })}\n`;
  const hasMore = nextCursor !== null && (!extent.isEndless || items.length >= extent.limit);
  return { items, nextCursor, hasMore, json: pages.length === 1 ? pages[0].json : whole };
}

/** The same as one table, with one header line. */
export async function listCsv(client: ApiClient, { path, query, ...extent }: ListRequest): Promise<CsvPage> {
  const pages = await readPages(extent, async (part) => {
    const page = await client.sendForCsv({ method: 'GET', path, query: { ...query, ...part } });
    // Its lines are not told apart here: a text may have several.
    return { page, count: MAX_PAGE_SIZE, nextCursor: page.nextCursor };
  });
  const text = pages.map((page, index) => (index === 0 ? page.text : withoutHeader(page.text))).join('');
  return { text, nextCursor: pages.at(-1)?.nextCursor ?? null };
}

function withoutHeader(csv: string): string {
  return csv.slice(csv.indexOf('\n') + 1);
}
