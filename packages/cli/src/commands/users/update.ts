import { type Command, Option } from 'commander';
import type { Context } from '../../context.ts';
import { Failure } from '../../failure.ts';
import { ROLES } from '../../input/choices.ts';
import { countOr, id, type OrNone, orNull } from '../../input/values.ts';
import { given, leaf, type ResultOptions, withMisnomer, withResultOptions } from '../command.ts';
import { sendUser } from './send-user.ts';
import { userPath } from './user-view.ts';

interface Options extends ResultOptions {
  displayName?: string;
  /** false for --no-email */
  email?: string | false;
  role?: string;
  rateLimit?: OrNone<number>;
}

export function updateUser(context: Context): Command {
  const command = leaf('update', 'Change a user; what is not named stays as it is', [
    'hokusai users update 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11 --role admin --rate-limit none',
  ])
    .argument('<id>', 'their id', id)
    .option('--display-name <name>', 'what people call them')
    .option('--email <address>', 'where to reach them')
    .option('--no-email', 'forget where to reach them')
    .addOption(new Option('--role <role>', 'member or admin').choices(ROLES))
    .option('--rate-limit <number>', 'requests an hour over all of their keys, or none', countOr('none'));
  withMisnomer(command, '--name', '--display-name');
  return withResultOptions(command).action(async (userId: string, options: Options) => {
    const body = given({
      display_name: options.displayName,
      email: options.email === false ? null : options.email,
      role: options.role,
      rate_limit_per_hour: orNull(options.rateLimit),
    });
    if (Object.keys(body).length === 0) {
      throw new Failure('usage', 'There is nothing to change.', {
        advice: ['Name what to set, such as --role or --email; --help lists all.'],
      });
    }
    await sendUser(
      context,
      await context.connect(command),
      options,
      { method: 'PATCH', path: userPath(userId), body },
      'Updated',
    );
  });
}
