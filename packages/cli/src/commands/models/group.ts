import type { Command } from 'commander';
import type { Context } from '../../context.ts';
import { group } from '../command.ts';
import { aliasCommands } from './alias.ts';
import { downloadModel } from './download.ts';
import { listModels } from './list.ts';
import { registerModel } from './register.ts';
import { showModel } from './show.ts';
import { tagCommands } from './tag.ts';
import { listVersions } from './versions.ts';

export function modelsCommands(context: Context): Command {
  return group('models', "Register models in MLflow's registry, and look them up", [
    listModels(context),
    showModel(context),
    registerModel(context),
    downloadModel(context),
    listVersions(context),
    aliasCommands(context),
    tagCommands(context),
  ]);
}
