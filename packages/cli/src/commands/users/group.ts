import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { group } from '../command.ts';
import { createUser } from './create.ts';
import { disableUser } from './disable.ts';
import { enableUser } from './enable.ts';
import { listUsers } from './list.ts';
import { showUser } from './show.ts';
import { updateUser } from './update.ts';

export function usersCommands(context: Context): Command {
  return group('users', 'Manage the users that keys belong to (for admins)', [
    listUsers(context),
    createUser(context),
    showUser(context),
    updateUser(context),
    disableUser(context),
    enableUser(context),
  ]);
}
