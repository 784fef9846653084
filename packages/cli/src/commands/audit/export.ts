import type { Command } from 'commander';
import { linesOf } from '../../audit-chain.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { printableJson } from '../../output/printable.ts';
import { count } from '../../output/quantities.ts';
import { leaf } from '../command.ts';
import { type PeriodOptions, withPeriod } from '../period.ts';
import { progressOf } from '../progress.ts';
import { prepareFile, putInPlace } from '../result.ts';
import { EXPORT, JSON_LINES } from './addresses.ts';
import { type FilterOptions, filterQuery, periodQuery, row, withFilter } from './options.ts';

interface Options extends FilterOptions, PeriodOptions {
  fromRow?: number;
  toRow?: number;
  output?: string;
}

/** Lines are written together. */
const CHUNK_CHARS = 64 * 1024;

export function exportEvents(context: Context): Command {
  const command = leaf('export', 'Export the log with its proofs, as lines of JSON, the oldest first', [
    'hokusai audit export --output audit.jsonl && hokusai audit verify --file audit.jsonl',
    'hokusai audit export --action auth.refused --from 7d | jq -r \'select(.type == "event") | .body\'',
  ]);
  withPeriod(withFilter(command))
    .option('--from-row <number>', 'from this row on', row)
    .option('--to-row <number>', 'up to this row', row)
    .option('--output <file>', 'write to a file that only you may read');
  return command.action((options: Options) => writeExport(context, command, options));
}

async function writeExport(context: Context, command: Command, options: Options): Promise<void> {
  const client = await context.connect(command);
  const query = {
    ...filterQuery(options),
    ...periodQuery(options, context.now()),
    from_chain_seq: options.fromRow,
    to_chain_seq: options.toRow,
  };
  const lines = linesOf(client.stream({ path: EXPORT, query, accept: JSON_LINES }));
  const { terminal } = context;
  const { output } = options;
  if (output === undefined) {
    // Only escapes that mean the same, in case that it is a terminal that reads it.
    await copy(context, lines, (part) => terminal.write(printableJson(part)));
    return;
  }
  const file = await prepareFile(output);
  try {
    const rows = await copy(context, lines, (part) => file.write(part));
    await putInPlace(file, output, terminal);
    terminal.note(`${count(rows)} ${rows === 1 ? 'event' : 'events'}.`);
  } finally {
    await file.discard();
  }
}

/** Answers how many events there were. Throws if the last line is not the end. */
async function copy(
  { terminal, now }: Context,
  lines: AsyncIterable<string>,
  write: (part: string) => Promise<void>,
): Promise<number> {
  const progress = progressOf(terminal, now);
  let [rows, last, part] = [0, '', ''];
  try {
    for await (const line of lines) {
      last = line;
      part += `${line}\n`;
      if (line.startsWith('{"type":"event"')) rows += 1;
      progress.tell(() => `${count(rows)} events …`);
      if (part.length < CHUNK_CHARS) continue;
      await write(part);
      part = '';
    }
    await write(part);
  } finally {
    progress.end();
  }
  if (isEnd(last)) return rows;
  throw new Failure('unavailable', `The export broke off after ${count(rows)} events: it has no end.`, {
    advice: ['What there is of it is not the whole: export again.'],
  });
}

function isEnd(line: string): boolean {
  try {
    return (JSON.parse(line) as { type?: unknown }).type === 'end';
  } catch {
    return false;
  }
}
