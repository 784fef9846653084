/** Runs one command line, and makes whatever happens an exit code. */
import { CommanderError } from 'commander';
import type { Context } from './context.ts';
import { BrokenPipe, Ended, EXIT_CODES, Failure } from './failure.ts';
import { holdsKey } from './output/printable.ts';
import { createProgram } from './program.ts';

/** @param args without the executable and the script */
export async function run(args: readonly string[], context: Context): Promise<number> {
  try {
    refuseKeys(args);
    await createProgram(context).parseAsync(args, { from: 'user' });
    return 0;
  } catch (thrown) {
    return report(thrown, context);
  }
}

/** Everybody on the machine can read the arguments of its processes, and shells keep them. */
function refuseKeys(args: readonly string[]): void {
  if (!args.some(holdsKey)) return;
  throw new Failure('usage', 'A key stands on the command line, where others can read it.', {
    advice: [
      'Give it in HOKUSAI_API_KEY, or to hokusai auth login, which asks for it or reads it from stdin.',
      "It is in the shell's history now, too: rotate it with hokusai auth rotate-key.",
    ],
  });
}

function report(thrown: unknown, { terminal }: Context): number {
  if (thrown instanceof BrokenPipe) return 0;
  if (thrown instanceof Ended) return EXIT_CODES.cancelled;
  // Commander has said what is wrong, or shown the help that was asked for.
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? 0 : EXIT_CODES.usage;
  const failure = thrown instanceof Failure ? thrown : defect(thrown);
  terminal.fail(failure.message);
  for (const line of failure.advice) terminal.note(`  ${line}`);
  if (failure.requestId !== undefined) terminal.note(`  Request id: ${failure.requestId}`);
  return EXIT_CODES[failure.kind];
}

function defect(thrown: unknown): Failure {
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  return new Failure('internal', text, { advice: ['This is a defect of the command: report it.'] });
}
