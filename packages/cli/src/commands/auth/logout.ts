import type { Command } from 'commander';
import { DEFAULT_PROFILE } from '../../config/profiles.ts';
import { type Context, globalOptions } from '../../context.ts';
import { leaf } from '../command.ts';

export function logout(context: Context): Command {
  const command = leaf('logout', 'Forget the key of a profile; the key itself goes on working', [
    'hokusai auth logout --profile production',
  ]);
  return command.action(async () => {
    const { terminal, profiles } = context;
    const name = globalOptions(command).profile ?? DEFAULT_PROFILE;
    const wasThere = await profiles.remove(name);
    terminal.note(wasThere ? `Removed the profile "${name}".` : `There was no profile "${name}".`);
  });
}
