import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { modelAlias, modelName, modelVersion } from '../../input/values.ts';
import { withManager } from '../../tracking.ts';
import { group, leaf, type ResultOptions } from '../command.ts';
import { withJson } from './model-view.ts';
import { changeVersion } from './version-change.ts';

export function aliasCommands(context: Context): Command {
  const members = [setAlias(context), deleteAlias(context)];
  return group('alias', 'Give versions names that can move on, such as champion', members, 'models');
}

function setAlias(context: Context): Command {
  const command = leaf('set', 'Let an alias stand for a version, and no longer for another one', [
    'hokusai models alias set churn champion 3',
  ])
    .argument('<name>', "the model's", modelName)
    .argument('<alias>', 'the alias', modelAlias)
    .argument('<version>', 'the number of the version', modelVersion);
  return withJson(command).action((name: string, alias: string, version: string, options: ResultOptions) =>
    changeVersion(context, command, options, {
      ...{ name, version },
      change: ({ models }, call) => models.setAlias(name, alias, version, call),
      done: `The alias "${alias}" of "${name}" stands for version ${version}.`,
    }),
  );
}

function deleteAlias(context: Context): Command {
  const command = leaf('delete', 'Take an alias away; the version stays', [
    'hokusai models alias delete churn challenger',
  ])
    .argument('<name>', "the model's", modelName)
    .argument('<alias>', 'the alias');
  return command.action(async (name: string, alias: string) => {
    await withManager(context, command, ({ models }, call) => models.deleteAlias(name, alias, call));
    context.terminal.note(`"${name}" has no alias "${alias}" any more.`);
  });
}
