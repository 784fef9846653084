/**
 * The one way in which requests become sums: as SQL, for rolling up and for answers alike, so that both add up to the
 * same. Requests are folded into one row of sums for each group; rows of sums, whether folded just now or long ago into
 * a table of rollups, are added up to others.
 */

const COUNTS = [
  'requests',
  'informational',
  'successful',
  'redirected',
  'client_errors',
  'server_errors',
  'bytes_in',
  'bytes_out',
] as const;
/** The columns of sums, in every table of rollups. */
export const SUM_COLUMNS: readonly string[] = [...COUNTS, 'refusals', 'latency_buckets', 'latency_counts'];

/** What the relation of `foldRequests` has to have besides the columns to group by. */
export const REQUEST_COLUMNS = [
  'status_code',
  'refusal',
  'response_time_ms',
  'bytes_in',
  'bytes_out',
] as const;

/** Status classes as RFC 9110 names them. */
const COUNTED = `
  count(*) as requests,
  count(*) filter (where status_code < 200) as informational,
  count(*) filter (where status_code between 200 and 299) as successful,
  count(*) filter (where status_code between 300 and 399) as redirected,
  count(*) filter (where status_code between 400 and 499) as client_errors,
  count(*) filter (where status_code >= 500) as server_errors,
  sum(bytes_in) as bytes_in, sum(bytes_out) as bytes_out`;

/**
 * The sums of a relation of requests. Requests are grouped once; what is in a group is told apart afterwards, and only
 * if there are several: of seldom used keys most groups of a minute are one request.
 *
 * @param by columns of the relation to group by
 */
export function foldRequests(relation: string, by: readonly string[]): string {
  return `
    select ${list([...by, ...COUNTS])}, ${refusalsOf('unnest(reasons) as counted (reason)', 'count(*)')},
      case when requests = 1 then folded.buckets else coalesce(sketch.buckets, '{}') end as latency_buckets,
      case when requests = 1 then '{1}' else coalesce(sketch.counts, '{}') end as latency_counts
    from (
      select ${list([...by, COUNTED])}, array_agg(bucket) as buckets,
        array_agg(refusal) filter (where refusal is not null) as reasons
      from (select *, latency_bucket(response_time_ms) as bucket from (${relation}) as request) as bucketed
      ${groupBy(by)}
    ) as folded,
    ${sketchOf('select unnest(folded.buckets) as bucket where requests > 1', 'count(*)')}`;
}

/**
 * The sums of a relation of refusals without a known key, which has `reason` and `count`. Sums of counts are numeric,
 * so that none can be too large.
 */
export function foldRefusals(relation: string, by: readonly string[]): string {
  const counted = `select ${list([...by, 'reason', 'sum(count) as count'])} from (${relation}) as refused`;
  return `
    select ${list([...by, ...COUNTS.map(() => '0')])}, jsonb_object_agg(reason, count), '{}', '{}'
    from (${counted} ${groupBy([...by, 'reason'])}) as counted ${groupBy(by)} having count(*) > 0`;
}

/**
 * Adds rows of sums up: to one for each group, and exactly one where there is nothing to group by. They are sorted,
 * since then the sketches of only one group are in memory at a time.
 *
 * @param relations each with the columns to group by and those of sums, in this order
 */
export function addSums(relations: readonly string[], by: readonly string[]): string {
  const sums = COUNTS.map((column) => {
    const type = column.startsWith('bytes') ? 'numeric' : 'bigint';
    return `coalesce(sum(${column}), 0)::${type} as ${column}`;
  });
  const united = relations.map((relation) => `(${relation})`).join(' union all ');
  const refusals =
    'unnest(reasons) as part (refusals), jsonb_each_text(part.refusals) as counted (reason, count)';
  // Sets in what is selected are read one by one, those in `from` stored first: which takes twice as long.
  const sketches = `
    select unnest((part).buckets) as bucket, unnest((part).counts) as count
    from (select unnest(sketches) as part where parts > 1) as parts`;
  return `
    select ${list([...by, ...COUNTS])}, ${refusalsOf(refusals, 'sum(count::numeric)')},
      case when parts = 1 then sketches[1].buckets else coalesce(sketch.buckets, '{}') end as latency_buckets,
      case when parts = 1 then sketches[1].counts else coalesce(sketch.counts, '{}') end as latency_counts
    from (
      select ${list([...by, ...sums])}, count(*) as parts,
        array_agg(refusals) filter (where refusals <> '{}') as reasons,
        array_agg(row(latency_buckets, latency_counts)::latency_sketch) as sketches
      from (${united} ${by.length === 0 ? '' : `order by ${list(by)}`}) as part
      ${groupBy(by)}
    ) as added,
    ${sketchOf(sketches, 'sum(count)::bigint')}`;
}

/** Counts by reason, from those that `reasons` holds. */
function refusalsOf(counted: string, count: string): string {
  const counts = `select reason, ${count} as count from ${counted} group by reason`;
  return `case when reasons is null then '{}'
    else (select jsonb_object_agg(reason, count) from (${counts}) as counts) end as refusals`;
}

/** Counts by bucket, in order; `counted` selects the buckets. */
function sketchOf(counted: string, count: string): string {
  return `lateral (
      select array_agg(bucket order by bucket) as buckets, array_agg(count order by bucket) as counts
      from (select bucket, ${count} as count from (${counted}) as counted group by bucket) as counts
    ) as sketch`;
}

function groupBy(columns: readonly string[]): string {
  return columns.length === 0 ? '' : `group by ${list(columns)}`;
}

function list(columns: readonly string[]): string {
  return columns.join(', ');
}
