import { callOptions } from '../api/call-options.ts';
import { checkText } from '../api/given.ts';
import { locateLoggedModel } from '../api/logged-models.ts';
import { downloadStored } from '../artifacts/download-stored.ts';
import { storedPathOf } from '../artifacts/location.ts';
import type { ReceiveDependencies } from '../artifacts/receive.ts';
import { InvalidRequestError } from '../errors/errors.ts';
import type { Models, ModelVersion } from '../model/registry.ts';
import type { CallOptions } from '../model/values.ts';
import { findPlace, type RegisterDependencies } from './register.ts';

type Lookups = Pick<Models, 'getVersion' | 'getVersionByAlias' | 'downloadUri'>;

interface Dependencies extends RegisterDependencies, ReceiveDependencies {
  models: Lookups;
}

/** As MLflow's Python client downloads `models:/<name>/<version>` and `models:/<name>@<alias>`. */
export function createDownload(dependencies: Dependencies): Models['download'] {
  return async (name, versionOrAlias, localFolder, options = {}) => {
    const call = callOptions(options);
    checkText(localFolder, 'The folder to download to');
    const { version } = await findVersion(dependencies.models, name, versionOrAlias, call);
    const uri = await dependencies.models.downloadUri(name, version, call);
    const stored = storedPathOf(
      await resolve(dependencies, uri, call),
      `The files of version ${version} of ${JSON.stringify(name)}`,
    );
    return await downloadStored(dependencies, stored, localFolder, options);
  };
}

function findVersion(
  models: Lookups,
  name: string,
  versionOrAlias: string,
  call: CallOptions,
): Promise<ModelVersion> {
  checkText(versionOrAlias, 'The version, or its alias,');
  if (/^\d+$/.test(versionOrAlias)) return models.getVersion(name, versionOrAlias, call);
  const alias = versionOrAlias.replace(/^@/, '');
  if (alias === '')
    throw new InvalidRequestError('A version is named by its number, or by an alias: it is empty.');
  return models.getVersionByAlias(name, alias, call);
}

/** What a version's URI stands for: a model that MLflow 3 keeps beside runs, or something of a run. */
async function resolve(dependencies: Dependencies, uri: string, call: CallOptions): Promise<string> {
  const [, runId, path = ''] = /^runs:\/([^/]+)(?:\/(.*))?$/.exec(uri) ?? [];
  const found = runId === undefined ? uri : (await findPlace(dependencies, runId, path, call)).source;
  const modelId = /^models:\/([^/@]+)$/.exec(found)?.[1];
  return modelId === undefined ? found : await locateLoggedModel(dependencies.calls, modelId, call);
}
