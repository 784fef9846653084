import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { id } from '../../input/values.ts';
import { leaf, type ResultOptions, withResultOptions } from '../command.ts';
import { sendUser } from './send-user.ts';
import { userPath } from './user-view.ts';

export function enableUser(context: Context): Command {
  const command = leaf('enable', 'Enable a user who was disabled: their keys work again', [
    'hokusai users enable 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11',
  ]).argument('<id>', 'their id', id);
  return withResultOptions(command).action(async (userId: string, options: ResultOptions) => {
    const body = { disabled: false };
    await sendUser(
      context,
      await context.connect(command),
      options,
      { method: 'PATCH', path: userPath(userId), body },
      'Enabled',
    );
  });
}
