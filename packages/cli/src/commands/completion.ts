/** Completion: a script for the shell, and the answers that the script asks the command for. */

import { type Complete, RootCommand } from '@bomb.sh/tab';
import { Argument, type Command, type Option as CommanderOption } from 'commander';
import type { Context } from '../context.ts';
import { SCOPES, SHELLS } from '../input/choices.ts';
import { leaf } from './command.ts';
import { BASH_SCRIPT } from './completion-bash.ts';

/** Asked by the scripts; not for people. */
const PROTOCOL_COMMAND = 'complete';

export function addCompletion(program: Command, context: Context): void {
  const completion = leaf('completion', "Print a script that completes hokusai's commands and options", [
    'source <(hokusai completion bash)',
    'source <(hokusai completion zsh)',
    'hokusai completion fish > ~/.config/fish/completions/hokusai.fish',
  ])
    .addArgument(new Argument('<shell>', 'the shell').choices(SHELLS))
    .action((shell: string) => {
      if (shell === 'bash') return context.terminal.write(BASH_SCRIPT);
      return new RootCommand().setup('hokusai', 'hokusai', shell);
    });
  const protocol = leaf(PROTOCOL_COMMAND, 'Answer a completion script', ['hokusai complete -- auth l'])
    .argument('[words...]')
    .action(async (words: string[]) => suggestions(program, await context.profiles.names()).parse(words));
  program.addCommand(completion);
  program.addCommand(protocol, { hidden: true });
}

/** What can be typed, in the form that the library wants it. */
function suggestions(program: Command, profiles: readonly string[]): RootCommand {
  const root = new RootCommand();
  addOptions(root, program.options, profiles);
  for (const command of program.commands) addCommand(command, '');
  return root;

  function addCommand(command: Command, before: string): void {
    if (command.name() === PROTOCOL_COMMAND) return;
    const path = `${before} ${command.name()}`.trim();
    const target = root.command(path, command.summary());
    addOptions(target, [...command.options, ...program.options], profiles);
    for (const { argChoices = [] } of command.registeredArguments) {
      target.argument('value', (complete) => offer(argChoices, complete));
    }
    for (const child of command.commands) addCommand(child, path);
  }
}

type Target = Pick<RootCommand, 'option'>;

function addOptions(target: Target, options: readonly CommanderOption[], profiles: readonly string[]): void {
  for (const option of options.filter(({ hidden }) => !hidden)) {
    const name = option.long?.slice(2) ?? '';
    if (option.isBoolean()) target.option(name, option.description);
    else target.option(name, option.description, (complete) => offer(valuesOf(option, profiles), complete));
  }
}

function valuesOf(
  { long, argChoices = [] }: CommanderOption,
  profiles: readonly string[],
): readonly string[] {
  if (long === '--scope') return SCOPES;
  return long === '--profile' ? profiles : argChoices;
}

function offer(values: readonly string[], complete: Complete): void {
  for (const value of values) complete(value, '');
}
