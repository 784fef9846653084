/** The whole command: its groups, and the options that all of them have. */
import { Command } from 'commander';
import { auditCommands } from './commands/audit/group.ts';
import { authCommands } from './commands/auth/group.ts';
import { addCompletion } from './commands/completion.ts';
import { doctor } from './commands/doctor/doctor.ts';
import { modelsCommands } from './commands/models/group.ts';
import { usageCommands } from './commands/usage/group.ts';
import { usersCommands } from './commands/users/group.ts';
import type { Context } from './context.ts';
import { printable, withoutKeys } from './output/printable.ts';

const INTRODUCTION = `API keys, users, usage and the audit log of a Hokusai Gateway, and the models behind it.

Settings come from options, then from the environment, then from a profile that "hokusai auth login" wrote:
  HOKUSAI_API_URL   the gateway's address (default: http://127.0.0.1:8080)
  HOKUSAI_API_KEY   the key to call it with
  NO_COLOR          set to anything: no colours`;

/** Groups of later parts of the system join the list. */
export function createProgram(context: Context): Command {
  const program = new Command('hokusai')
    .description(INTRODUCTION)
    .version(context.version, '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .option('--profile <name>', 'the profile to use')
    .option('--url <url>', "the gateway's address, before HOKUSAI_API_URL and the profile's")
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ outputError: (text, write) => write(`hokusai: ${repeatable(text)}`) })
    .showHelpAfterError('Add --help for how it is used, with an example.')
    .exitOverride();
  const groups = [
    authCommands(context),
    usersCommands(context),
    usageCommands(context),
    auditCommands(context),
    modelsCommands(context),
  ];
  for (const group of groups) program.addCommand(group);
  program.addCommand(doctor(context));
  addCompletion(program, context);
  inherit(program);
  return program;
}

/** Settings of the program hold for commands that were made apart from it, too. */
function inherit(parent: Command): void {
  for (const child of parent.commands) {
    child.copyInheritedSettings(parent);
    inherit(child);
  }
}

/** Commander's messages repeat what was typed. */
function repeatable(text: string): string {
  const lines = text.split('\n').map((line) => printable(withoutKeys(line)));
  return lines.join('\n');
}
