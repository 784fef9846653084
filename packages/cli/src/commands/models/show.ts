import type { ModelVersion } from '@hokusai/ml-platform';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { modelName, versionOrAlias } from '../../input/values.ts';
import { withManager } from '../../tracking.ts';
import { leaf, type ResultOptions } from '../command.ts';
import { withDestination } from '../result.ts';
import { modelDetails, modelJson, versionDetails, versionJson, withJson } from './model-view.ts';

export function showModel(context: Context): Command {
  const command = leaf('show', 'Show a model, or one of its versions', [
    'hokusai models show churn',
    'hokusai models show churn @champion --json | jq -r .source',
  ])
    .argument('<name>', "the model's", modelName)
    .argument('[version]', 'a version, by its number, or by @ and its alias', versionOrAlias);
  return withJson(command).action(
    (name: string, version: string | undefined, options: ResultOptions): Promise<void> =>
      withDestination(context, options, async (destination) => {
        if (version !== undefined) {
          const found = await findVersion(context, command, name, version);
          return destination.deliver(JSON.stringify(versionJson(found)), () =>
            versionDetails(found, context),
          );
        }
        const model = await withManager(context, command, (manager, call) => manager.models.get(name, call));
        return destination.deliver(JSON.stringify(modelJson(model)), () => modelDetails(model, context));
      }),
  );
}

function findVersion(
  context: Context,
  command: Command,
  name: string,
  version: string,
): Promise<ModelVersion> {
  return withManager(context, command, ({ models }, call) =>
    version.startsWith('@')
      ? models.getVersionByAlias(name, version.slice(1), call)
      : models.getVersion(name, version, call),
  );
}
