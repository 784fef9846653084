import type { ListQuery } from '../domain/listing.ts';
import { filterOf } from './list-filter.ts';
import { newest, positionsOf } from './list-positions.ts';
import { sourcesOf } from './list-sources.ts';
import { KEY_COLUMNS } from './rows.ts';

/** A page of keys, and one more that tells whether there is another page. */
export function listStatement(query: ListQuery): { text: string; values: unknown[] } {
  const values: unknown[] = [];
  const parameter = (value: unknown) => `$${values.push(value)}`;
  const { after } = query;
  const parts = {
    after: after && { createdAt: parameter(after.createdAt), id: parameter(after.id) },
    limit: parameter(query.limit + 1),
  };
  const sources = sourcesOf(query, parameter);
  if (sources === null) {
    return { text: newest(KEY_COLUMNS, filterOf(query, parameter), 'created_at', parts), values };
  }
  const text = `${positionsOf(sources, parts)}
    select ${KEY_COLUMNS} from page join api_keys k on k.id = page.id order by k.created_at desc, k.id desc`;
  return { text, values };
}
