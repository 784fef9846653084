/** Answers about usage, over rollups and the requests that they don't hold yet. */
import type { UsageSelection } from '../domain/access.ts';
import { cover } from '../domain/cover.ts';
import type { Dimension, EndpointUsage, RankedUsage, UsageTotals } from '../domain/ports.ts';
import type { Family } from './families.ts';
import type { Snapshot } from './snapshot.ts';
import { noUsage, type SumsRow, totalsOf } from './totals.ts';
import { type CountRow, countsOf, type Statement, sumsOf, type UsageQuery } from './usage-query.ts';

export async function summary(snapshot: Snapshot, selection: UsageSelection): Promise<UsageTotals> {
  const rows = await run<SumsRow>(snapshot, sumsOf(queryFor(snapshot, selection, { by: [] })));
  return rows[0] ? totalsOf(rows[0]) : noUsage();
}

export async function series(
  snapshot: Snapshot,
  selection: UsageSelection,
  starts: readonly Date[],
): Promise<UsageTotals[]> {
  if (starts.length === 0) return [];
  const query = queryFor(snapshot, selection, { by: ['slot'], slots: starts });
  const rows = await run<SumsRow & { slot: number }>(snapshot, sumsOf(query));
  const bySlot = new Map(rows.map((row) => [row.slot, totalsOf(row)]));
  return starts.map((_, index) => bySlot.get(index + 1) ?? noUsage());
}

export async function endpoints(snapshot: Snapshot, selection: UsageSelection): Promise<EndpointUsage[]> {
  const by = ['method', 'endpoint'];
  const rows = await run<SumsRow & { method: string; endpoint: string }>(
    snapshot,
    sumsOf(queryFor(snapshot, selection, { by })),
  );
  // Refusals without a known key have no endpoint, and count as no requests.
  const known = rows.filter(({ requests }) => requests !== '0');
  return known.map((row) => ({ method: row.method, endpoint: row.endpoint, totals: totalsOf(row) }));
}

const COLUMNS = { key: 'api_key_id', endpoint: 'endpoint', client_ip: 'client_ip' } as const;

/** Ranks by the numbers of requests first: sketches are merged only for what is in the answer. */
export async function top(
  snapshot: Snapshot,
  selection: UsageSelection,
  { dimension, limit }: { dimension: Dimension; limit: number },
): Promise<RankedUsage[]> {
  const column = COLUMNS[dimension];
  const query = queryFor(snapshot, selection, { by: [column] });
  const ranked = await run<CountRow>(snapshot, countsOf(query, limit));
  const values = ranked.map(({ value }) => value);
  if (values.length === 0) return [];
  const narrowed = { ...query, where: { ...query.where, [column]: values } };
  const rows = await run<SumsRow & Record<string, string>>(snapshot, sumsOf(narrowed));
  const totals = new Map(rows.map((row) => [row[column], totalsOf(row)]));
  const labels = dimension === 'key' ? await labelsOf(snapshot, values) : new Map<string, string>();
  return values.map((value) => ({
    value,
    label: labels.get(value) ?? '',
    totals: totals.get(value) ?? noUsage(),
  }));
}

async function labelsOf({ client }: Snapshot, keyIds: readonly string[]): Promise<Map<string, string>> {
  const { rows } = await client.query<{ id: string; label: string }>(
    `select id, concat_ws(' ', key_prefix, name) as label from keys_projection where id = any($1::uuid[])`,
    [keyIds],
  );
  return new Map(rows.map(({ id, label }) => [id, label]));
}

function queryFor(
  { state }: Snapshot,
  selection: UsageSelection,
  { by, slots }: Pick<UsageQuery, 'by' | 'slots'>,
): UsageQuery {
  const { keyId, userId, endpoint } = selection;
  const where: Record<string, string[]> = {};
  if (keyId !== null) where['api_key_id'] = [keyId];
  if (userId !== null) where['user_id'] = [userId];
  if (endpoint !== null) where['endpoint'] = [endpoint];
  const pieces = cover(selection, slots ?? [], state);
  const family = familyOf([...by, ...Object.keys(where)]);
  return { family, pieces, by, where, ...(slots ? { slots } : {}) };
}

/** The smallest tables that tell apart what has to be told apart. */
function familyOf(columns: readonly string[]): Family {
  if (columns.includes('client_ip')) return 'client';
  const isOfKeys = columns.includes('api_key_id') || columns.includes('user_id');
  const isOfEndpoints = columns.includes('endpoint');
  if (isOfKeys) return isOfEndpoints ? 'key' : 'key_total';
  return isOfEndpoints ? 'endpoint' : 'total';
}

async function run<Row extends object>({ client }: Snapshot, { text, values }: Statement): Promise<Row[]> {
  return (await client.query<Row>(text, values)).rows;
}
