import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { readInt64, readObjects, readText } from '../api/read.ts';
import type { HttpClient } from '../http/client.ts';
import type { ArtifactInfo, TransferOptions, TransferredFile } from '../model/artifact.ts';
import type { CallOptions } from '../model/values.ts';
import { downloadFile } from './download.ts';
import { listFiles } from './list.ts';
import { endpointOfStored } from './location.ts';
import { checkListed, checkPath, joinPath } from './paths.ts';
import { mapBounded } from './pool.ts';
import type { ReceiveDependencies } from './receive.ts';

const LIST = '/api/2.0/mlflow-artifacts/artifacts';

/**
 * All files below a folder of the store behind the server, whosever they are, into a local one; or the one file that is
 * at that path. Rejects with `NotFoundError` if there is neither.
 *
 * @param stored of the folder, as `storedPathOf` gives it
 */
export async function downloadStored(
  dependencies: ReceiveDependencies,
  stored: string,
  localFolder: string,
  options?: TransferOptions,
): Promise<readonly TransferredFile[]> {
  const { http } = dependencies;
  const files = await listFiles((folder) => listStored(http, stored, folder, options), '');
  // Names are looked at before the first file is written.
  for (const { path } of files) checkPath(path);
  await mkdir(localFolder, { recursive: true });
  if (files.length === 0) {
    // A server lists nothing below a file.
    const file = { path: checkPath(basename(stored)), endpoint: endpointOfStored(stored) };
    return [await downloadFile(dependencies, file, join(localFolder, file.path), options)];
  }
  return await mapBounded(files, options?.signal, ({ path }, signal) => {
    const file = { path, endpoint: endpointOfStored(joinPath(stored, path)) };
    return downloadFile(dependencies, file, join(localFolder, path), { ...options, signal });
  });
}

/** What one folder holds; paths are relative to `stored`. */
async function* listStored(
  http: HttpClient,
  stored: string,
  folder: string,
  options?: CallOptions,
): AsyncGenerator<ArtifactInfo> {
  const query = { path: joinPath(stored, folder).replace(/\/$/, '') };
  const answer = await http.json({ method: 'GET', path: LIST, query }, options);
  for (const file of readObjects(answer, 'files')) {
    const path = checkListed(folder, joinPath(folder, readText(file, 'path')));
    const isFolder = file['is_dir'] === true;
    yield { path, isFolder, size: isFolder ? null : Number(readInt64(file, 'file_size')) };
  }
}
