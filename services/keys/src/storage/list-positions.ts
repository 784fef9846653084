/** The statement that makes a page out of several sources. */
import type { Bins, Edge, Sources } from './list-sources.ts';

/** A part of a list, in SQL. */
export interface PageParts {
  /** The place after which the page begins; null: the start. */
  after: { createdAt: string; id: string } | null;
  limit: string;
}

/** The column that says when a key was created, in the list's own indexes and in those of the sources. */
type OrderColumn = 'created_at' | 'listed_at';

/** The newest keys `k` that meet a condition. */
export function newest(columns: string, condition: string, order: OrderColumn, parts: PageParts): string {
  const { after, limit } = parts;
  const isLater = after === null ? '' : `and (k.${order}, k.id) < (${after.createdAt}, ${after.id})`;
  return `select ${columns} from api_keys k where ${condition} ${isLater}
    order by k.${order} desc, k.id desc limit ${limit}`;
}

/** Of a bin at an edge few may match, but none need be looked at that is too old for the page. */
const IS_NEW_ENOUGH = `(k.listed_at, k.id) > (coalesce((select created_at from oldest), '-infinity'),
  coalesce((select id from oldest), '00000000-0000-0000-0000-000000000000'))`;

/** The clause `with recursive … page (created_at, id)`. */
export function positionsOf({ walk, bins, filter }: Sources, parts: PageParts): string {
  const order = 'order by created_at desc, id desc';
  const page = (sources: readonly string[]) => `${sources.join(' union all ')} ${order} limit ${parts.limit}`;
  const positions = (condition: string) =>
    newest('k.created_at, k.id', `${condition} and ${filter}`, 'listed_at', parts);
  const ofWholeBins = bins.map(
    ({ column, indexed }, index) =>
      `(select found.* from whole_${index} cross join lateral (
        ${positions(`k.${column} = whole_${index}.bin and ${indexed}`)}) found)`,
  );
  const ofEdges = bins.flatMap((each) =>
    edgesOf(each).map(
      (condition) => `(${positions(`${condition} and ${each.indexed} and ${IS_NEW_ENOUGH}`)})`,
    ),
  );
  const ofWalk = walk === null ? [] : [`(${positions(walk)})`];
  return `with recursive ${bins.map((each, index) => wholeBins(`whole_${index}`, each)).join(', ')},
    sure as materialized (${page([...ofWalk, ...ofWholeBins])}),
    oldest as materialized (select * from sure ${order} offset ${parts.limit} - 1 limit 1),
    page as (${page(['select * from sure', ...ofEdges])})`;
}

/** Between the edges, found by leaps through the index from each to the next. */
function wholeBins(name: string, { column, indexed, from, until }: Bins): string {
  const next = (after: string | null) =>
    `(select k.${column} from api_keys k
      where ${indexed} and k.${column} < ${column}(${until.at}) ${after === null ? '' : `and k.${column} > ${after}`}
      order by k.${column} limit 1)`;
  return `${name} (bin) as (
    ${next(from === null ? null : `${column}(${from.at})`)}
    union all
    select ${next(`${name}.bin`)} from ${name} where ${name}.bin is not null)`;
}

/** Conditions on the keys at the edges, each of which is in one of them alone, also if the edges share a bin. */
function edgesOf({ column, from, until }: Bins): string[] {
  const inBin = ({ at, condition }: Edge) => `k.${column} = ${column}(${at}) and ${condition}`;
  if (from === null) return [inBin(until)];
  const isLast = `${column}(${from.at}) = ${column}(${until.at})`;
  return [`${inBin(from)} and (not ${isLast} or ${until.condition})`, `${inBin(until)} and not ${isLast}`];
}
