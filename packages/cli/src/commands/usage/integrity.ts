import type { Command } from 'commander';
import { type Incarnation, type Integrity, integritySchema } from '../../api/usage-schemas.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { moment } from '../../output/moments.ts';
import { count } from '../../output/quantities.ts';
import type { Emphasis } from '../../output/style.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { leaf } from '../command.ts';
import { INTEGRITY } from './addresses.ts';
import {
  answerWith,
  type PeriodOptions,
  periodQuery,
  type TableOptions,
  withPeriod,
  withTableOptions,
} from './options.ts';

interface Options extends PeriodOptions, TableOptions {
  check?: true;
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
  { title: 'missing', cell: ({ gaps }) => gaps.map(rangeOf).join(' '), minWidth: 8 },
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
  ).option('--check', 'exit with 11 if anything is missing, or may be');
  withTableOptions(withPeriod(command));
  return command.action((options: Options) => show(context, command, options));
}

async function show(context: Context, command: Command, options: Options): Promise<void> {
  const { terminal } = context;
  const client = await context.connect(command);
  const query = periodQuery(options, context.now());
  const request = { method: 'GET', path: INTEGRITY, query } as const;
  await answerWith(context, options, client, request, async (destination) => {
    const { value, json } = await client.send(integritySchema, request);
    const { incarnations } = value;
    await destination.deliver(json, () =>
      incarnations.length === 0 ? '' : renderTable(incarnations, columns, terminal.paper),
    );
    terminal.note(verdictOn(value));
    if (options.check && !isSound(value)) throw missing();
  });
  if (options.check && options.csv && !isSound((await client.send(integritySchema, request)).value))
    throw missing();
}

function verdictOn(integrity: Integrity): string {
  if (!integrity.broker_reachable)
    return 'NATS can’t be reached: what gateways have counted since they were last heard of is not known here. They keep it, and send it when NATS is back.';
  if (integrity.incarnations.length === 0) return 'No gateway was heard of.';
  if (!isSound(integrity)) return reasonsOf(integrity).join(' ');
  return integrity.complete ? 'Nothing is missing.' : 'Nothing is missing but what is still on its way.';
}

const REASONS = {
  gap: 'Requests are missing. What a gateway could not send lies in its spool until one is started there; what could not be read, in the dead letters.',
  unclean_end:
    'A gateway has not said goodbye. If it was killed, what it counted in its last moments is lost; if it runs, it can’t reach NATS.',
} as const;

function reasonsOf({ incarnations }: Integrity): string[] {
  const found = (['gap', 'unclean_end'] as const).filter((reason) =>
    incarnations.some(({ status }) => status === reason),
  );
  return ['Usage is incomplete.', ...found.map((reason) => REASONS[reason])];
}

/** What an open gateway has numbered and not sent yet is no loss. */
function isSound({ broker_reachable: isHeard, incarnations }: Integrity): boolean {
  if (!isHeard) return false;
  return incarnations.every(({ status }) => status === 'open' || status === 'balanced');
}

function missing(): Failure {
  return new Failure('incomplete', 'Requests are missing from usage, or may be.');
}

function rangeOf({ from, to }: { from: number; to: number }): string {
  return from === to ? String(from) : `${from}–${to}`;
}
