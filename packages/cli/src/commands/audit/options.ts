/** Options that questions about the audit log share. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { OUTCOMES } from '../../input/choices.ts';
import { instantOf } from '../../input/time.ts';
import { id } from '../../input/values.ts';
import type { Moment, PeriodOptions } from '../period.ts';

export interface FilterOptions {
  user?: string;
  key?: string;
  target?: string;
  action?: string;
  outcome?: string;
  ip?: string;
  requestId?: string;
}

export function withFilter(command: Command): Command {
  return command
    .option('--user <id>', 'what this user did', id)
    .option('--key <id>', 'what this key did, and what was done to it', id)
    .option('--target <id>', 'what was done to this key, user or other target')
    .option('--action <action>', 'events of this kind, such as key.created')
    .addOption(new Option('--outcome <outcome>', 'what came of it').choices(OUTCOMES))
    .option('--ip <address>', 'what came from this address')
    .option('--request-id <id>', 'what the request with this id did');
}

export function filterQuery(options: FilterOptions) {
  return {
    user_id: options.user,
    key_id: options.key,
    target_id: options.target,
    action: options.action,
    outcome: options.outcome,
    client_ip: options.ip,
    request_id: options.requestId,
  };
}

export function periodQuery({ from, to }: PeriodOptions, nowMs: number) {
  const edge = (when: Moment | undefined) => (when && instantOf(when, nowMs)) ?? undefined;
  return { from: edge(from), to: edge(to) };
}

/** Number of a row of the log. */
export function row(text: string): number {
  const number = /^\d{1,10}$/.test(text) ? Number(text) : 0;
  if (number > 0) return number;
  throw new InvalidArgumentError('Expected the number of a row, from 1.');
}
