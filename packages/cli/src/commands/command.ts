/** How the commands are made: alike, and each with an example. */
import { Command, Option } from 'commander';
import { Failure } from '../failure.ts';

/** A command that does something. */
export function leaf(name: string, summary: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ ${example}`);
  return new Command(name)
    .summary(summary)
    .description(`${summary}.`)
    .allowExcessArguments(false)
    .addHelpText('after', `\n${examples.length === 1 ? 'Example' : 'Examples'}:\n${lines.join('\n')}`);
}

/**
 * A command of commands.
 *
 * @param parent the group that it is in, if it is in one
 */
export function group(name: string, summary: string, members: readonly Command[], parent = ''): Command {
  const command = new Command(name).summary(summary).description(`${summary}.`).helpCommand(false);
  for (const member of members) command.addCommand(member);
  const first = members[0]?.name() ?? '';
  const path = `${parent} ${name} ${first}`.trim();
  return command.addHelpText('after', `\nExample:\n  $ hokusai ${path} --help`);
}

/** What a command's result is made into. */
export interface ResultOptions {
  json?: true;
  output?: string;
}

/** @param json whose JSON it is */
export function withResultOptions(command: Command, json = "the API's JSON"): Command {
  return command
    .option('--json', `print ${json}`)
    .option('--output <file>', `write ${json} to a file that only you may read`);
}

export interface ConfirmOptions {
  yes?: true;
}

export function withConfirmation(command: Command): Command {
  return command.option('-y, --yes', 'do not ask first');
}

/** Refuses an option that is easily taken for another one, and says which that is. */
export function withMisnomer(command: Command, wrong: string, right: string): Command {
  const option = new Option(`${wrong} <value>`, `stands for ${right}`).hideHelp();
  return command.addOption(
    option.argParser(() => {
      throw new Failure('usage', `Here it is ${right}, not ${wrong}.`, {
        advice: [`Add --help for how it is used, with an example.`],
      });
    }),
  );
}

/** The fields that are there: `undefined` would be a value for JSON's sender, too. */
export function given<Fields extends object>(fields: Fields): { [Name in keyof Fields]?: Fields[Name] } {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Name in keyof Fields]?: Fields[Name] };
}
