import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { group } from '../command.ts';
import { createKey } from './create-key.ts';
import { endGrace } from './end-grace.ts';
import { listKeys } from './list-keys.ts';
import { login } from './login.ts';
import { logout } from './logout.ts';
import { observeReport } from './observe-report.ts';
import { revokeKey } from './revoke-key.ts';
import { rotateKey } from './rotate-key.ts';
import { showKey } from './show-key.ts';
import { updateKey } from './update-key.ts';
import { whoami } from './whoami.ts';

export function authCommands(context: Context): Command {
  return group('auth', 'Log in, and manage API keys', [
    login(context),
    logout(context),
    whoami(context),
    createKey(context),
    listKeys(context),
    showKey(context),
    updateKey(context),
    revokeKey(context),
    rotateKey(context),
    endGrace(context),
    observeReport(context),
  ]);
}
