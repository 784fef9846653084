import type { Command } from 'commander';
import type { ApiClient, ApiRequest, ApiResult } from '../../api/client.ts';
import { listCsv, readPages } from '../../api/pages.ts';
import { type Incarnation, type Integrity, integritySchema } from '../../api/usage-schemas.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { positiveCount } from '../../input/values.ts';
import { moment } from '../../output/moments.ts';
import { printableCsv } from '../../output/printable.ts';
import { count } from '../../output/quantities.ts';
import type { Emphasis } from '../../output/style.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { leaf } from '../command.ts';
import type { PeriodOptions } from '../period.ts';
import { withDestination } from '../result.ts';
import { INTEGRITY } from './addresses.ts';
import { periodQuery, type TableOptions, withTableOptions, withUsagePeriod } from './options.ts';

interface Options extends PeriodOptions, TableOptions {
  check?: true;
  limit?: number;
}

const STATUS_EMPHASIS: Readonly<Record<string, Emphasis>> = {
  balanced: 'green',
  gap: 'red',
  unclean_end: 'yellow',
};

const columns: readonly Column<Incarnation>[] = [
  { title: 'gateway', cell: (account) => account.gateway, minWidth: 12 },
  {
    title: 'status',
    cell: ({ status }) => status.replaceAll('_', ' '),
    emphasis: ({ status }) => STATUS_EMPHASIS[status],
  },
  { title: 'assigned', cell: (account) => count(account.assigned), isNumber: true },
  { title: 'received', cell: (account) => count(account.received), isNumber: true },
  { title: 'stored', cell: (account) => count(account.stored), isNumber: true },
  { title: 'rolled up', cell: (account) => count(account.rolled_up), isNumber: true, dispensable: 1 },
  {
    title: 'clock off',
    cell: ({ clock_corrected: corrected }) => (corrected === 0 ? '' : count(corrected)),
    isNumber: true,
    dispensable: 2,
  },
  { title: 'missing', cell: missingOf, minWidth: 8 },
  { title: 'opened', cell: ({ opened_at: at }) => (at === null ? '' : moment(at)), dispensable: 3 },
  { title: 'last heard', cell: ({ last_heard_at: at }) => (at === null ? '' : moment(at)), dispensable: 4 },
  { title: 'incarnation', cell: (account) => account.incarnation, dispensable: 5 },
];

export function integrity(context: Context): Command {
  const command = leaf(
    'integrity',
    'Show whether any request is missing from usage, and which (for admins)',
    [
      'hokusai usage integrity --from 7d',
      'hokusai usage integrity --check > /dev/null || echo "usage is incomplete"',
    ],
  )
    .option('--check', 'exit with 11 if anything is missing, or may be')
    .option('--limit <number>', 'list at most so many gateway processes; all if left out', positiveCount);
  withTableOptions(withUsagePeriod(command));
  return command.action((options: Options) => show(context, command, options));
}

async function show(context: Context, command: Command, options: Options): Promise<void> {
  const client = await context.connect(command);
  const query = periodQuery(options, context.now());
  await (options.csv ? showCsv(context, client, query, options) : showTable(context, client, query, options));
}

type Period = ReturnType<typeof periodQuery>;

async function showTable(context: Context, client: ApiClient, period: Period, options: Options) {
  const { terminal } = context;
  await withDestination(context, options, async (destination) => {
    const { value, json } = await accountsOf(client, period, options);
    const { incarnations } = value;
    await destination.deliver(json, () =>
      incarnations.length === 0 ? '' : renderTable(incarnations, columns, terminal.paper),
    );
    if (value.next_cursor !== null) noteMore(context);
    terminal.note(verdictOn(value));
    if (options.check && !isSound(value)) throw missing();
  });
}

async function showCsv(context: Context, client: ApiClient, query: Period, { check, ...options }: Options) {
  const { limit = Number.POSITIVE_INFINITY, ...rest } = options;
  await withDestination(context, { ...rest, json: true }, async (destination) => {
    const { text, nextCursor } = await listCsv(client, { path: INTEGRITY, query, limit });
    await destination.deliver(printableCsv(text), () => '');
    if (nextCursor !== null) noteMore(context);
  });
  if (check && !isSound((await pageOf(client, { ...query, limit: 1 })).value)) throw missing();
}

function noteMore({ terminal }: Context): void {
  terminal.note('There are more gateway processes than these: see --limit.');
}

/** All accounts of the period, or the first ones; in the words of the first page, which are about all of them. */
async function accountsOf(
  client: ApiClient,
  period: Period,
  { limit = Number.POSITIVE_INFINITY }: Options,
): Promise<ApiResult<Integrity>> {
  let query: NonNullable<ApiRequest['query']> = period;
  const pages = await readPages({ limit }, async (part) => {
    const page = await pageOf(client, { ...query, ...part });
    // Without times of its own, each page would be about another period.
    query = { from: page.value.from, to: page.value.to };
    return { page, count: page.value.incarnations.length, nextCursor: page.value.next_cursor };
  });
  const [first] = pages;
  if (pages.length === 1) return first;
  const incarnations = pages.flatMap(({ value }) => value.incarnations);
  const value = { ...first.value, incarnations, next_cursor: pages.at(-1)?.value.next_cursor ?? null };
  return { value, json: `${JSON.stringify(value)}\n` };
}

function pageOf(client: ApiClient, query: NonNullable<ApiRequest['query']>): Promise<ApiResult<Integrity>> {
  return client.send(integritySchema, { method: 'GET', path: INTEGRITY, query });
}

function verdictOn(integrity: Integrity): string {
  if (!integrity.broker_reachable)
    return "NATS can't be reached: what gateways have counted since they were last heard of is not known here. They keep it, and send it when NATS is back.";
  if (integrity.incarnations.length === 0) return 'No gateway was heard of.';
  if (!isSound(integrity)) return reasonsOf(integrity).join(' ');
  return integrity.complete ? 'Nothing is missing.' : 'Nothing is missing but what is still on its way.';
}

const REASONS = {
  gap: 'Requests are missing. What a gateway could not send lies in its spool until one is started there; what could not be read, in the dead letters.',
  unclean_end:
    "A gateway has not said goodbye. If it was killed, what it counted in its last moments is lost; if it runs, it can't reach NATS.",
} as const;

function reasonsOf({ statuses }: Integrity): string[] {
  const found = (['gap', 'unclean_end'] as const).filter((reason) => statuses[reason] > 0);
  return ['Usage is incomplete.', ...found.map((reason) => REASONS[reason])];
}

/** What an open gateway has numbered and not sent yet is no loss. */
function isSound({ broker_reachable: isHeard, statuses }: Integrity): boolean {
  return isHeard && statuses.gap + statuses.unclean_end === 0;
}

function missing(): Failure {
  return new Failure('incomplete', 'Requests are missing from usage, or may be.');
}

function missingOf({ gaps, gaps_left_out: leftOut }: Incarnation): string {
  const ranges = gaps.map(rangeOf);
  return [...ranges, ...(leftOut > 0 ? [`and ${count(leftOut)} more`] : [])].join(' ');
}

function rangeOf({ from, to }: { from: number; to: number }): string {
  return from === to ? String(from) : `${from}–${to}`;
}
