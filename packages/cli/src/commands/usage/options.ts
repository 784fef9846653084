/** Options that questions about usage share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { ApiClient, ApiRequest } from '../../api/client.ts';
import type { Context } from '../../context.ts';
import { instantOf } from '../../input/time.ts';
import { id } from '../../input/values.ts';
import { printableCsv } from '../../output/printable.ts';
import { type ResultOptions, withResultOptions } from '../command.ts';
import { type Moment, type PeriodOptions, withPeriod } from '../period.ts';
import { type Destination, withDestination } from '../result.ts';

export interface FilterOptions {
  key?: string;
  user?: string;
  endpoint?: string;
}

export interface TableOptions extends ResultOptions {
  csv?: true;
}

export function withUsagePeriod(command: Command): Command {
  return withPeriod(command, '; a day before its end');
}

export function withFilter(command: Command): Command {
  return command
    .option('--key <id>', 'requests with this key', id)
    .option('--user <id>', "requests with this user's keys", id)
    .option('--endpoint <route>', 'requests to this route, as "usage top --by endpoint" shows it');
}

/** As `withResultOptions`, and CSV. */
export function withTableOptions(command: Command): Command {
  return withCsv(withResultOptions(command));
}

export function withCsv(command: Command): Command {
  return command.addOption(new Option('--csv', "print the API's CSV").conflicts('json'));
}

export function periodQuery({ from, to }: PeriodOptions, nowMs: number) {
  return { from: from && edgeOf(from, nowMs), to: to && edgeOf(to, nowMs) };
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * A time as it was named. A length back leads to the next start of an hour, or of a day (UTC), since of old usage
 * only sums are left, and no further back than was said, since series have their bounds.
 */
function edgeOf(when: Moment, nowMs: number): string | undefined {
  const instant = instantOf(when, nowMs) ?? undefined;
  if (instant === undefined || 'at' in when) return instant;
  const atMs = Date.parse(instant);
  const unitMs = UNITS.find(([backMs]) => nowMs - atMs >= backMs)?.[1] ?? 1;
  return new Date(Math.ceil(atMs / unitMs) * unitMs).toISOString();
}

/** From which length on an edge is the start of which unit: well before the gateway has only sums of that unit. */
const UNITS = [
  [60 * DAY_MS, DAY_MS],
  [2 * DAY_MS, HOUR_MS],
] as const;

export function filterQuery({ key, user, endpoint }: FilterOptions) {
  return { key_id: key, user_id: user, endpoint };
}

/** The name is the gateway's to judge; this is what no name looks like. */
export function timeZone(text: string): string {
  if (/^[A-Za-z][A-Za-z0-9_+/-]*$/.test(text)) return text;
  throw new InvalidArgumentError('Expected a name such as Europe/Berlin or UTC.');
}

/** Asks for CSV if that is wanted, else gives the word to `otherwise`. */
export async function answerWith(
  context: Context,
  options: TableOptions,
  client: ApiClient,
  request: ApiRequest,
  otherwise: (destination: Destination) => Promise<void>,
): Promise<void> {
  const { csv, ...rest } = options;
  // Besides JSON, it is what came that is delivered, and not what people get to see.
  const kind = csv ? { ...rest, json: true as const } : rest;
  await withDestination(context, kind, async (destination) => {
    if (!csv) return otherwise(destination);
    const { text } = await client.sendForCsv(request);
    await destination.deliver(printableCsv(text), () => '');
  });
}
