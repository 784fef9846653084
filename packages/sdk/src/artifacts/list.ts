import type { Calls } from '../api/calls.ts';
import { readInt64, readObjects, readText, readTextOr } from '../api/read.ts';
import { createSearch } from '../api/search.ts';
import { NotFoundError } from '../errors/errors.ts';
import type { JsonObject } from '../http/client.ts';
import type { ArtifactInfo } from '../model/artifact.ts';
import type { CallOptions, Search } from '../model/values.ts';
import { checkFolder, checkListed, describe } from './paths.ts';

/** What one folder of a run's artifacts holds, wherever they are stored. */
export function listFolder(
  calls: Calls,
  runId: string,
  folder: string,
  options?: CallOptions,
): Search<ArtifactInfo> {
  return createSearch(async (pageToken) => {
    const path = checkFolder(folder) || undefined;
    const answer = await calls.get('artifacts/list', { run_id: runId, path, page_token: pageToken }, options);
    return {
      items: readObjects(answer, 'files').map((file) => toInfo(folder, file)),
      nextPageToken: readTextOr(answer, 'next_page_token', null),
    };
  });
}

/**
 * All files below a folder. Rejects with `NotFoundError` if it is not the topmost one and holds nothing: a server says
 * the same of an empty folder, of a file, and of what is not there.
 */
export async function listFiles(
  list: (folder: string) => AsyncIterable<ArtifactInfo>,
  folder: string,
): Promise<ArtifactInfo[]> {
  const files: ArtifactInfo[] = [];
  const folders = [folder];
  for (let next = folders.pop(); next !== undefined; next = folders.pop())
    for await (const entry of list(next)) {
      if (entry.isFolder) folders.push(entry.path);
      else files.push(entry);
    }
  if (files.length === 0 && folder !== '')
    throw new NotFoundError(`There are no artifacts of the run in ${describe(folder)}.`);
  return files;
}

function toInfo(folder: string, file: JsonObject): ArtifactInfo {
  const path = checkListed(folder, readText(file, 'path'));
  const isFolder = file['is_dir'] === true;
  return { path, isFolder, size: isFolder ? null : Number(readInt64(file, 'file_size')) };
}
