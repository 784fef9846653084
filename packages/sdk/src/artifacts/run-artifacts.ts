import { mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { createCalls } from '../api/calls.ts';
import type { Logger } from '../config/logger.ts';
import type { HttpClient } from '../http/client.ts';
import type { RunArtifacts, TransferOptions, TransferredFile } from '../model/artifact.ts';
import type { CallOptions } from '../model/values.ts';
import { contentSource, fileSource } from './content.ts';
import { downloadFile, openFile, type RemoteFile } from './download.ts';
import { listFiles, listFolder } from './list.ts';
import { endpointOf } from './location.ts';
import { checkFolder, checkNewPath, checkPath, encodePath, joinPath } from './paths.ts';
import { mapBounded } from './pool.ts';
import { uploadSource } from './upload.ts';
import { type LocalFile, walk } from './walk.ts';

export interface RunArtifactsDependencies {
  http: HttpClient;
  /** The artifact URI of a run, as the server has it; asked for each file, so it should remember. */
  artifactUriOf: (runId: string, options?: CallOptions) => Promise<string>;
  /** Silent if absent. */
  logger?: Logger;
}

/** The artifacts of a run that a tracking server passes on. Errors of the local file system are Node's own. */
export function createRunArtifacts(dependencies: RunArtifactsDependencies, runId: string): RunArtifacts {
  const { http } = dependencies;
  const calls = createCalls(http);
  const remote = remoteFiles(dependencies, runId);
  const list: RunArtifacts['list'] = (folder = '', options) => listFolder(calls, runId, folder, options);

  const send = async (path: string, localPath: string, options?: TransferOptions) =>
    uploadSource(http, await remote(path, options), await fileSource(localPath), options);

  return {
    uploadFile: async (localPath, folder = '', options) =>
      send(checkNewPath(joinPath(folder, basename(localPath))), localPath, options),

    async uploadFolder(localFolder, folder = '', options) {
      checkFolder(folder);
      const files: LocalFile[] = [];
      for await (const { localPath, path } of walk(localFolder))
        files.push({ localPath, path: checkNewPath(joinPath(folder, path)) });
      return await mapBounded(files, options?.signal, ({ localPath, path }, signal) =>
        send(path, localPath, { ...options, signal }),
      );
    },

    async upload(path, content, { size, ...options } = {}) {
      try {
        const file = await remote(checkNewPath(path), options);
        return await uploadSource(http, file, contentSource(content, size), options);
      } catch (error) {
        // Nobody reads on in a stream that was handed over.
        if (content instanceof Readable) content.destroy();
        throw error;
      }
    },

    list,

    open: async (path, options) => openFile(dependencies, await remote(checkPath(path), options), options),

    downloadFile: async (path, localPath, options) =>
      downloadFile(dependencies, await remote(checkPath(path), options), localPath, options),

    async downloadFolder(folder, localFolder, options) {
      const files = await listFiles((next) => list(next, options), folder);
      // Names are looked at before the first file is written.
      for (const { path } of files) checkPath(path);
      await mkdir(localFolder, { recursive: true });
      return await mapBounded(files, options?.signal, async ({ path }, signal): Promise<TransferredFile> => {
        const below = folder === '' ? path : path.slice(folder.length + 1);
        const file = await remote(path, { ...options, signal });
        return await downloadFile(dependencies, file, join(localFolder, below), { ...options, signal });
      });
    },
  };
}

function remoteFiles(
  { artifactUriOf }: RunArtifactsDependencies,
  runId: string,
): (path: string, options?: CallOptions) => Promise<RemoteFile> {
  return async (path, options) => {
    const endpoint = endpointOf(await artifactUriOf(runId, options));
    return { path, endpoint: `${endpoint}/${encodePath(path)}` };
  };
}
