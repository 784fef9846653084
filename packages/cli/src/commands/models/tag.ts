import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { modelName, modelVersion } from '../../input/values.ts';
import { group, leaf, type ResultOptions } from '../command.ts';
import { withJson } from './model-view.ts';
import { changeVersion } from './version-change.ts';

export function tagCommands(context: Context): Command {
  const members = [setTag(context), deleteTag(context)];
  return group('tag', 'Note something about versions', members, 'models');
}

function setTag(context: Context): Command {
  const command = leaf('set', 'Set a tag of a version', ['hokusai models tag set churn 3 stage final'])
    .argument('<name>', "the model's", modelName)
    .argument('<version>', 'the number of the version', modelVersion)
    .argument('<tag>', "the tag's name")
    .argument('<value>', 'what it says');
  return withJson(command).action(
    (name: string, version: string, tag: string, value: string, options: ResultOptions) =>
      changeVersion(context, command, options, {
        ...{ name, version },
        change: ({ models }, call) => models.setVersionTag(name, version, tag, value, call),
        done: `Version ${version} of "${name}" is tagged ${tag}=${value}.`,
      }),
  );
}

function deleteTag(context: Context): Command {
  const command = leaf('delete', 'Take a tag off a version', ['hokusai models tag delete churn 3 stage'])
    .argument('<name>', "the model's", modelName)
    .argument('<version>', 'the number of the version', modelVersion)
    .argument('<tag>', "the tag's name");
  return withJson(command).action((name: string, version: string, tag: string, options: ResultOptions) =>
    changeVersion(context, command, options, {
      ...{ name, version },
      change: ({ models }, call) => models.deleteVersionTag(name, version, tag, call),
      done: `Version ${version} of "${name}" has no tag "${tag}" any more.`,
    }),
  );
}
