import { type Command, InvalidArgumentError, Option } from 'commander';
import { type AuditEvent, auditPageSchema } from '../../api/audit-schemas.ts';
import type { ApiClient } from '../../api/client.ts';
import { MAX_PAGE_SIZE } from '../../api/pages.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { count as wholeNumber } from '../../input/values.ts';
import { printable, printableJson } from '../../output/printable.ts';
import { leaf } from '../command.ts';
import { type IntervalOptions, intervalOption } from '../interval.ts';
import { EVENTS } from './addresses.ts';
import { eventLine } from './event-view.ts';
import { type FilterOptions, filterQuery, withFilter } from './options.ts';

interface Options extends FilterOptions, IntervalOptions {
  lines: number;
  json?: true;
}

const DEFAULT_LINES = 10;

/** What passes by itself, for who has time to wait. */
const PASSING: ReadonlySet<string> = new Set(['unavailable', 'rate_limited']);

export function tail(context: Context): Command {
  const command = leaf('tail', 'Follow what is done, until Ctrl-C', [
    'hokusai audit tail',
    "hokusai audit tail --outcome refused --json | jq -r '.reason'",
  ])
    .addOption(
      new Option('--lines <number>', 'begin with so many of the last ones')
        .argParser(upToPage)
        .default(DEFAULT_LINES),
    )
    .addOption(intervalOption())
    .option('--json', 'print a line of JSON for each event');
  return withFilter(command).action(async (options: Options) => {
    const client = await context.connect(command);
    try {
      await follow(context, client, options);
    } catch (error) {
      // Ctrl-C is how it is meant to end.
      if (!(error instanceof Failure && error.kind === 'cancelled')) throw error;
    }
  });
}

/** Until it is cancelled. Each event once, in the order of the log. */
async function follow(context: Context, client: ApiClient, options: Options): Promise<void> {
  let cursor = await startOf(client, options);
  for (;;) {
    const page = await pageWhenThere(context, options, () => pageAfter(client, cursor, options));
    for (const event of page.data) await context.terminal.write(lineOf(event, options));
    cursor = page.next_cursor ?? cursor;
    if (page.data.length < MAX_PAGE_SIZE) await context.delay(options.interval * 1000);
  }
}

/** Asks until there is an answer, such as after a restart of the gateway. */
async function pageWhenThere<Page>(
  { terminal, delay }: Context,
  { interval }: Options,
  ask: () => Promise<Page>,
): Promise<Page> {
  for (let failures = 0; ; failures += 1) {
    const page = await ask().catch((error: unknown) => passing(error));
    if (!(page instanceof Failure)) {
      if (failures > 0) terminal.note('The gateway answers again.');
      return page;
    }
    if (failures === 0) terminal.warn(`${page.message} Trying again until it answers.`);
    await delay(interval * 1000);
  }
}

/** The cursor after which the last so many events come; a cursor holds in both orders. */
async function startOf(client: ApiClient, options: Options): Promise<string | undefined> {
  const query = { ...filterQuery(options), limit: options.lines + 1 };
  const { value } = await client.send(auditPageSchema, { method: 'GET', path: EVENTS, query });
  return value.next_cursor ?? undefined;
}

async function pageAfter(client: ApiClient, cursor: string | undefined, options: Options) {
  const query = { ...filterQuery(options), oldest_first: true, limit: MAX_PAGE_SIZE, cursor };
  const { value } = await client.send(auditPageSchema, { method: 'GET', path: EVENTS, query });
  return value;
}

function passing(error: unknown): Failure {
  if (error instanceof Failure && PASSING.has(error.kind)) return error;
  throw error;
}

function lineOf(event: AuditEvent, { json }: Options): string {
  return json ? `${printableJson(JSON.stringify(event))}\n` : `${printable(eventLine(event))}\n`;
}

function upToPage(text: string): number {
  const number = wholeNumber(text);
  if (number < MAX_PAGE_SIZE) return number;
  throw new InvalidArgumentError(`Expected at most ${MAX_PAGE_SIZE - 1}.`);
}
