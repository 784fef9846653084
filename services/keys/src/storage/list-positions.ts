/** The statement that makes a page out of several sources. */
import type { Bins, Sources } from './list-sources.ts';

/** What a list is made of, in SQL. */
export interface ListParts {
  /** Conditions on a key `k`. */
  filter: string;
  /** The place after which the page begins; null: the start. */
  after: { createdAt: string; id: string } | null;
  limit: string;
}

/** The column that says when a key was created, in the list's index and in those that group keys in bins. */
type OrderColumn = 'created_at' | 'listed_at';

/** The newest keys that match, as a subquery. */
export function newest(columns: string, condition: string, order: OrderColumn, parts: ListParts): string {
  const { filter, after, limit } = parts;
  const isLater = after === null ? '' : `and (k.${order}, k.id) < (${after.createdAt}, ${after.id})`;
  return `select ${columns} from api_keys k where ${condition} and ${filter} ${isLater}
    order by k.${order} desc, k.id desc limit ${limit}`;
}

/** The clause `with recursive … page (created_at, id)`. */
export function positionsOf({ walk, bins }: Sources, parts: ListParts): string {
  const order = 'order by created_at desc, id desc';
  const page = (sources: readonly string[]) => `${sources.join(' union all ')} ${order} limit ${parts.limit}`;
  const inBin = ({ column, indexed }: Bins, bin: string, condition = 'true') =>
    newest('k.created_at, k.id', `k.${column} = ${bin} and ${indexed} and ${condition}`, 'listed_at', parts);
  const ofWholeBins = bins.map(
    (each, index) =>
      `(select found.* from whole_${index} cross join lateral (${inBin(each, `whole_${index}.bin`)}) found)`,
  );
  // Of a bin at an edge few may match, but none need be looked at that is too old for the page.
  const isNewer = `(k.listed_at, k.id) > (coalesce((select created_at from oldest), '-infinity'),
    coalesce((select id from oldest), '00000000-0000-0000-0000-000000000000'))`;
  const ofEdges = bins.map(
    (each) =>
      `(select found.* from (${edgesOf(each)}) edge cross join lateral (${inBin(each, 'edge.bin', isNewer)}) found)`,
  );
  const ofWalk = walk === null ? [] : [`(${newest('k.created_at, k.id', walk, 'created_at', parts)})`];
  return `with recursive ${bins.map((each, index) => wholeBins(`whole_${index}`, each)).join(', ')},
    sure as materialized (${page([...ofWalk, ...ofWholeBins])}),
    oldest as materialized (select * from sure ${order} offset ${parts.limit} - 1 limit 1),
    page as (${page(['select * from sure', ...ofEdges])})`;
}

/** Between the edges, found by leaps through the index from each to the next. */
function wholeBins(name: string, { column, indexed, from, until }: Bins): string {
  const next = (after: string | null) =>
    `(select k.${column} from api_keys k
      where ${indexed} and k.${column} < ${column}(${until}) ${after === null ? '' : `and k.${column} > ${after}`}
      order by k.${column} limit 1)`;
  return `${name} (bin) as (
    ${next(from === null ? null : `${column}(${from})`)}
    union all
    select ${next(`${name}.bin`)} from ${name} where ${name}.bin is not null)`;
}

function edgesOf({ column, from, until }: Bins): string {
  const edges = from === null ? [until] : [from, until];
  return edges.map((edge) => `select ${column}(${edge}) as bin`).join(' union ');
}
