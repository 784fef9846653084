import { type Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { ROLES } from '../../input/choices.ts';
import { count } from '../../input/values.ts';
import { given, leaf, type ResultOptions, withMisnomer, withResultOptions } from '../command.ts';
import { sendUser } from './send-user.ts';
import { USERS } from './user-view.ts';

interface Options extends ResultOptions {
  displayName: string;
  email?: string;
  externalId?: string;
  role?: string;
  rateLimit?: number;
}

export function createUser(context: Context): Command {
  const command = leaf('create', 'Create a user, who can own keys', [
    'hokusai users create --display-name "Ada Lovelace" --email ada@example.org',
    'hokusai users create --display-name "CI" --external-id ci --json | jq -r .id',
  ])
    .requiredOption('--display-name <name>', 'what people call them')
    .option('--email <address>', 'where to reach them')
    .option('--external-id <id>', 'their id elsewhere, which only one user can have')
    .addOption(new Option('--role <role>', 'member or admin (default: member)').choices(ROLES))
    .option('--rate-limit <number>', 'requests an hour over all of their keys', count);
  withMisnomer(command, '--name', '--display-name');
  return withResultOptions(command).action(async (options: Options) => {
    const body = given({
      display_name: options.displayName,
      email: options.email,
      external_id: options.externalId,
      role: options.role,
      rate_limit_per_hour: options.rateLimit,
    });
    await sendUser(
      context,
      await context.connect(command),
      options,
      { method: 'POST', path: USERS, body },
      'Created',
    );
  });
}
