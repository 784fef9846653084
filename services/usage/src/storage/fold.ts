/**
 * The one way in which requests become sums: as SQL, for rolling up and for answers alike, so that both add up to the
 * same. A relation of requests, or of sums, is taken apart into rows that hold either counts of a group, or those of
 * one bucket of its latency sketch, or of one reason of refusal; such parts of any origin are added up again.
 */

/** Columns of the sums, in every table of rollups. */
const SUM_COLUMNS = [
  'requests',
  'informational',
  'successful',
  'redirected',
  'client_errors',
  'server_errors',
  'bytes_in',
  'bytes_out',
] as const;
const SKETCH_COLUMNS = ['refusals', 'latency_buckets', 'latency_counts'] as const;
/** What `fold` selects besides the columns by which it groups. */
export const FOLDED_COLUMNS: readonly string[] = [...SUM_COLUMNS, ...SKETCH_COLUMNS];

/** What the relation of `partsOfRequests` has to have besides the columns to group by. */
export const REQUEST_COLUMNS = [
  'status_code',
  'refusal',
  'response_time_ms',
  'bytes_in',
  'bytes_out',
] as const;

/** In place of the sums besides the requests: they are told with the group, not with its buckets and reasons. */
const NOTHING = SUM_COLUMNS.slice(1).map(() => 'null::numeric');

/** Status classes as RFC 9110 names them. */
const COUNTED = `
  count(*) as requests,
  count(*) filter (where status_code < 200) as informational,
  count(*) filter (where status_code between 200 and 299) as successful,
  count(*) filter (where status_code between 300 and 399) as redirected,
  count(*) filter (where status_code between 400 and 499) as client_errors,
  count(*) filter (where status_code >= 500) as server_errors,
  sum(bytes_in) as bytes_in, sum(bytes_out) as bytes_out`;

/** Parts of a relation of requests. `by`: its columns to group by. */
export function partsOfRequests(relation: string, by: readonly string[]): string {
  const groups = [by, [...by, 'bucket'], [...by, 'refusal']].map((columns) => `(${columns.join(', ')})`);
  return `
    select ${list([...by, 'bucket', 'refusal'])}, ${COUNTED}
    from (select *, latency_bucket(response_time_ms) as bucket from (${relation}) as request) as bucketed
    group by grouping sets (${groups.join(', ')})
    having grouping(refusal) = 1 or refusal is not null`;
}

/** Parts of a relation of refusals without a known key, which has `reason` and `count`. */
export function partsOfRefusals(relation: string, by: readonly string[]): string {
  return `
    select ${list([...by, 'null::smallint as bucket', 'reason as refusal', 'sum(count) as requests', ...NOTHING])}
    from (${relation}) as refused group by ${list([...by, 'reason'])}`;
}

/** Parts of a relation of sums, such as a table of rollups. */
export function partsOfSums(relation: string, by: readonly string[]): string {
  const sums = SUM_COLUMNS.slice(1).map((column) => `${column}::numeric`);
  return `
    with source as materialized (${relation})
    select ${list([...by, 'null::smallint as bucket', 'null::text as refusal', 'requests', ...sums])} from source
    union all
    select ${list([...by, 'sketch.bucket', 'null', 'sketch.count', ...NOTHING])}
    from source, unnest(latency_buckets, latency_counts) as sketch (bucket, count)
    union all
    select ${list([...by, 'null', 'reason.key', 'reason.value::bigint', ...NOTHING])}
    from source, jsonb_each_text(refusals) as reason where refusals <> '{}'`;
}

/** Adds parts up: one row for each group, and exactly one where there is nothing to group by. */
export function fold(parts: readonly string[], by: readonly string[]): string {
  const isSum = 'bucket is null and refusal is null';
  const sums = SUM_COLUMNS.map((column) => {
    const type = column.startsWith('bytes') ? 'numeric' : 'bigint';
    return `coalesce(sum(${column}) filter (where ${isSum}), 0)::${type} as ${column}`;
  });
  const united = parts.map((part) => `(${part})`).join(' union all ');
  const added = SUM_COLUMNS.map((column) => `sum(${column}) as ${column}`);
  return `
    select ${list([...by, ...sums])},
      coalesce(jsonb_object_agg(refusal, requests::bigint) filter (where refusal is not null), '{}') as refusals,
      coalesce(array_agg(bucket order by bucket) filter (where bucket is not null), '{}') as latency_buckets,
      coalesce(array_agg(requests::bigint order by bucket) filter (where bucket is not null), '{}') as latency_counts
    from (
      select ${list([...by, 'bucket', 'refusal', ...added])}
      from (${united}) as parts group by ${list([...by, 'bucket', 'refusal'])}
    ) as added
    ${by.length === 0 ? '' : `group by ${list(by)}`}`;
}

function list(columns: readonly string[]): string {
  return columns.join(', ');
}
