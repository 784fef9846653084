import type { CallOptions, ExperimentManager, ModelVersion } from '@hokusai/ml-platform';
import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { modelName } from '../../input/values.ts';
import { leaf } from '../command.ts';
import { versionColumns, versionJson } from './model-view.ts';
import { quoted, type SearchOptions, showFound, withSearch } from './search.ts';

export function listVersions(context: Context): Command {
  const command = leaf('versions', "List a model's versions, the newest first", [
    'hokusai models versions churn',
    "hokusai models versions churn --filter \"tags.stage = 'final'\" --json | jq -r '.data[].version'",
  ]).argument('<name>', "the model's", modelName);
  return withSearch(command).action((name: string, options: SearchOptions) =>
    showFound(context, command, options, {
      search: (manager, call) => versionsOf(manager, call, name, options.filter),
      columns: versionColumns,
      jsonOf: versionJson,
      what: 'versions',
    }),
  );
}

/** With their aliases, which MLflow tells of the model only. Throws if there is no such model. */
async function* versionsOf(
  { models }: ExperimentManager,
  call: CallOptions,
  name: string,
  filter: string | undefined,
): AsyncIterable<ModelVersion> {
  const { aliases } = await models.get(name, call);
  const isNamed = `name = ${quoted(name)}`;
  const found = models.searchVersions({
    ...call,
    filter: filter === undefined ? isNamed : `${isNamed} AND ${filter}`,
    orderBy: ['version_number DESC'],
  });
  for await (const version of found) {
    const own = Object.entries(aliases).filter(([, number]) => number === version.version);
    yield { ...version, aliases: own.map(([alias]) => alias) };
  }
}
