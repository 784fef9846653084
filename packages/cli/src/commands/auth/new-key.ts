/** New keys: the plaintext alone on stdout, for `KEY=$(…)`, and everything else beside it. */
import type { Command } from 'commander';
import type { ApiClient, ApiRequest } from '../../api/client.ts';
import { type NewKey, newKeySchema } from '../../api/schemas.ts';
import type { Sourced } from '../../config/access.ts';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { printableJson } from '../../output/printable.ts';
import type { ResultOptions } from '../command.ts';
import { prepareFile, writeProblem } from '../result.ts';

export function withNewKeyOptions(command: Command): Command {
  return command
    .option('--json', "print the API's JSON, with the key in its field key")
    .option('--output <file>', 'write the key, or with --json the JSON, to a file that only you may read');
}

/**
 * Asks for a new key and hands it over. Throws without having asked if there is no place for it; the place is
 * sure to hold one key, whatever was repeated on the way.
 */
export async function deliverNewKey(
  context: Context,
  client: ApiClient,
  request: ApiRequest,
  options: ResultOptions,
): Promise<NewKey> {
  const place = await openPlace(context, options);
  try {
    const { value, json } = await client.send(newKeySchema, request);
    await place.put(options.json ? printableJson(json) : `${value.key}\n`).catch((cause: unknown) => {
      throw lost(value, isReplaced(client.access.key, value), cause);
    });
    return value;
  } finally {
    await place.discard();
  }
}

interface Place {
  put(text: string): Promise<void>;
  discard(): Promise<void>;
}

async function openPlace({ terminal }: Context, { output }: ResultOptions): Promise<Place> {
  if (output === undefined) return { put: terminal.write, discard: async () => undefined };
  const file = await prepareFile(output);
  return { put: file.commit, discard: file.discard };
}

function lost({ id, key_prefix }: NewKey, isOwn: boolean, cause: unknown): Failure {
  const reason = writeProblem(cause) ?? 'nobody reads the output';
  const message = `The key ${key_prefix} was made, but could not be handed over (${reason}).`;
  const advice = [
    `It can't be shown again. Make another secret for it with: hokusai auth rotate-key ${id} --grace 0`,
  ];
  if (isOwn) advice.push('That takes another key: the secret that you called with is replaced.');
  return new Failure('configuration', message, { advice, cause });
}

/** Whether a rotation replaced the secret that was called with. */
export function isReplaced(used: Sourced, { retired_secrets }: NewKey): boolean {
  return retired_secrets.some(({ key_prefix }) => used.value.startsWith(key_prefix));
}

/** What to say when it is there. */
export function whereItIs({ output }: ResultOptions): string {
  return output === undefined
    ? 'The key is shown this once: keep it now.'
    : `The key is in ${output}, which only you may read, and is not shown again.`;
}
