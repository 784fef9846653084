import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { id } from '../../input/values.ts';
import { leaf, type ResultOptions, withResultOptions } from '../command.ts';
import { sendUser } from './send-user.ts';
import { userPath } from './user-view.ts';

export function showUser(context: Context): Command {
  const command = leaf('show', 'Show a user', ['hokusai users show 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11']);
  command.argument('<id>', 'their id', id);
  return withResultOptions(command).action(async (userId: string, options: ResultOptions) =>
    sendUser(context, await context.connect(command), options, { method: 'GET', path: userPath(userId) }),
  );
}
