/** The command line of `hokusai-keys bootstrap-admin`. */
import { parseArgs } from 'node:util';
import { REASON_LIMIT } from '@hokusai/contracts/fields';
import { checkLine } from '../domain/text.ts';
import { Violations } from '../domain/violations.ts';

export interface Arguments {
  file: string | undefined;
  reason: string | null;
}

/** A command line that can't be meant. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const USAGE = `usage: hokusai-keys bootstrap-admin [--file PATH] [--reason TEXT]

Makes an admin key, on the keys host and with the service's environment, when all others are lost or their
owners disabled. The services may go on running. Keys that exist go on working.

  --file PATH     where to write the key, readable by you only; by default BOOTSTRAP_ADMIN_KEY_FILE.
                  A key that the file holds is replaced there; any other content is left alone
  --reason TEXT   why, for the audit log, which also names you and this host; at most ${REASON_LIMIT} characters
  -h, --help      this text

Exit code: 0 done; 64 wrong arguments; 69 no database; 73 the file can't be written; 78 wrong configuration;
1 anything else. Unless it is 0, nothing was changed, or the message says where the new key is.

examples:
  hokusai-keys bootstrap-admin --file ~/admin.key --reason 'the last admin left'

  on a local start, in its checkout:
  (set -a; . .hokusai/env; set +a; npx --no-install hokusai-keys bootstrap-admin --file ~/admin.key)
`;

/** Throws UsageError, or `unprocessable` for a reason that can't be kept. */
export function readArguments(args: string[]): Arguments | 'help' {
  const { help, file, reason } = parse(args);
  if (help) return 'help';
  if (file === '') throw new UsageError('--file: expected a path');
  return { file, reason: reason === undefined ? null : checkReason(reason) };
}

function parse(args: string[]) {
  const options = {
    file: { type: 'string' },
    reason: { type: 'string' },
    help: { type: 'boolean', short: 'h' },
  } as const;
  try {
    return parseArgs({ args, options }).values;
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function checkReason(text: string): string {
  const violations = new Violations();
  const reason = checkLine(text, { path: '--reason', limit: REASON_LIMIT, required: true }, violations);
  violations.throwIfAny();
  return reason;
}
