import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { leaf } from '../command.ts';
import { modelColumns, modelJson } from './model-view.ts';
import { quoted, type SearchOptions, showFound, withSearch } from './search.ts';

interface Options extends SearchOptions {
  name?: string;
}

export function listModels(context: Context): Command {
  const command = leaf('list', 'List registered models, by their names', [
    'hokusai models list --name churn',
    "hokusai models list --filter \"tags.team = 'vision'\" --all --json | jq -r '.data[].name'",
  ]).option('--name <text>', 'models with this in their names');
  return withSearch(command).action((options: Options) =>
    showFound(context, command, options, {
      search: (manager, call) =>
        manager.models.search({ ...call, ...filterOf(options), orderBy: ['name ASC'] }),
      columns: modelColumns,
      jsonOf: modelJson,
      what: 'models',
    }),
  );
}

function filterOf({ name, filter }: Options) {
  const conditions = [
    ...(name === undefined ? [] : [`name LIKE ${quoted(`%${name}%`)}`]),
    ...(filter === undefined ? [] : [filter]),
  ];
  return conditions.length === 0 ? {} : { filter: conditions.join(' AND ') };
}
