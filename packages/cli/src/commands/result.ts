/** Where results go: to people, to scripts, or into a file. */
import { resolve } from 'node:path';
import { NotAFile, type PendingFile, preparePrivateFile } from '../config/private-file.ts';
import type { Context } from '../context.ts';
import { Failure, systemCode } from '../failure.ts';
import { printableJson } from '../output/printable.ts';
import type { Terminal } from '../terminal.ts';
import type { ResultOptions } from './command.ts';

const STANDARD_OUTPUT = '-';

/** A place for a result, which was found to be writable before there was a result to lose. */
export interface Destination {
  /** @param people what people get to see, unless they asked for JSON */
  deliver(json: string, people: () => string): Promise<void>;
  /** Gives the place up. Does nothing after `deliver`. */
  discard(): Promise<void>;
}

/** Throws as `prepareFile` does. */
async function openDestination({ terminal }: Context, { json, output }: ResultOptions): Promise<Destination> {
  if (output === undefined) {
    return {
      deliver: (text, people) => terminal.write(json ? lineOf(printableJson(text)) : people()),
      discard: async () => undefined,
    };
  }
  const file = await prepareFile(output);
  return {
    deliver: (text) => commit(file, output, lineOf(text), terminal),
    discard: () => file.discard(),
  };
}

/** As `openDestination`, for the time of `use`. */
export async function withDestination(
  context: Context,
  options: ResultOptions,
  use: (destination: Destination) => Promise<void>,
): Promise<void> {
  const destination = await openDestination(context, options);
  try {
    await use(destination);
  } finally {
    await destination.discard();
  }
}

/** Throws `configuration` if the file can't be written, `usage` if what stands there is no plain file. */
export async function prepareFile(output: string): Promise<PendingFile> {
  if (output === STANDARD_OUTPUT) throw notAFile(output, 'the standard output for other commands');
  try {
    return await preparePrivateFile(resolve(output));
  } catch (cause) {
    throw cause instanceof NotAFile ? notAFile(output, cause.what) : unwritable(output, cause);
  }
}

/** To replace a device would take it from the whole machine, and a link may have been laid by somebody else. */
function notAFile(output: string, what: string): Failure {
  return new Failure('usage', `${output} is ${what}, and --output writes plain files only.`, {
    advice: ['Name a file, or leave --output out and redirect the standard output: hokusai … > FILE'],
  });
}

/** Throws `configuration` if the file can't be written after all. */
function commit(file: PendingFile, output: string, text: string, terminal: Terminal): Promise<void> {
  return putInPlace(file, output, terminal, text);
}

/** As `commit`, of a file that the most was written to already. Throws `configuration`. */
export async function putInPlace(
  file: PendingFile,
  output: string,
  terminal: Terminal,
  text = '',
): Promise<void> {
  try {
    await file.commit(text);
  } catch (cause) {
    throw unwritable(output, cause);
  }
  terminal.note(`Written to ${output}, which only you may read.`);
}

function unwritable(output: string, cause: unknown): Failure {
  return new Failure(
    'configuration',
    `${output} can't be written (${writeProblem(cause) ?? 'unknown cause'}).`,
    {
      advice: ['Name a file in a folder that exists and that you may write to.'],
      cause,
    },
  );
}

/** Why a file could not be written, in few words. */
export function writeProblem(cause: unknown): string | undefined {
  return cause instanceof NotAFile ? `it is ${cause.what} by now` : systemCode(cause);
}

function lineOf(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}
