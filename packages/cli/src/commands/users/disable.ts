import type { Command } from 'commander';
import { userSchema } from '../../api/schemas.ts';
import type { Context } from '../../context.ts';
import { id } from '../../input/values.ts';
import {
  type ConfirmOptions,
  leaf,
  type ResultOptions,
  withConfirmation,
  withResultOptions,
} from '../command.ts';
import { confirm } from '../confirm.ts';
import { sendUser } from './send-user.ts';
import { userPath, userTitle } from './user-view.ts';

type Options = ResultOptions & ConfirmOptions;

export function disableUser(context: Context): Command {
  const command = leaf('disable', 'Disable a user: all of their keys stop at once', [
    'hokusai users disable 0192a0c4-7d3e-4a4e-9a53-1c9b3f6f2d11',
  ]).argument('<id>', 'their id', id);
  withConfirmation(withResultOptions(command));
  return command.action(async (userId: string, options: Options) => {
    const path = userPath(userId);
    const client = await context.connect(command);
    await confirm(context, options, async () => {
      const { value } = await client.send(userSchema, { method: 'GET', path });
      return `Disable the user ${userTitle(value)}, so that all of their keys stop at once?`;
    });
    const body = { disabled: true };
    await sendUser(context, client, options, { method: 'PATCH', path, body }, 'Disabled');
  });
}
