import { Readable } from 'node:stream';
import type { DownloadAnswer, DownloadRequest, JsonObject, UploadRequest } from '../../http/client.ts';
import type { CallOptions } from '../../model/values.ts';
import type { Memory } from './memory.ts';
import { invalid, notFound } from './refusals.ts';
import { optional, type Routes, required } from './request.ts';
import { storedRun } from './runs.ts';

const ENDPOINT = '/api/2.0/mlflow-artifacts/artifacts/';
const SCHEME = /^mlflow-artifacts:\/+/;

export function artifactRoutes(memory: Memory): Routes {
  return {
    'GET artifacts/list': (fields) => {
      const { artifactUri } = storedRun(memory, fields);
      if (!SCHEME.test(artifactUri)) {
        throw invalid(`The mock has artifacts at mlflow-artifacts: only, not at ${artifactUri}`);
      }
      const root = `${artifactUri.replace(SCHEME, '')}/`;
      return { root_uri: artifactUri, files: list(memory, root, optional(fields, 'path') ?? '') };
    },
    [`GET ${ENDPOINT.slice(0, -1)}`]: (fields) => ({
      files: list(memory, `${required(fields, 'path')}/`, ''),
    }),
  };
}

/** What a folder holds, by name: files, and folders of files. */
function list({ artifacts }: Memory, root: string, folder: string): JsonObject[] {
  const start = folder === '' ? root : `${root}${folder}/`;
  const entries = new Map<string, JsonObject>();
  for (const [path, bytes] of artifacts) {
    const [name = '', ...below] = path.startsWith(start) ? path.slice(start.length).split('/') : [];
    const isFolder = below.length > 0;
    const entry = { path: start.slice(root.length) + name, is_dir: isFolder };
    if (name !== '') entries.set(name, isFolder ? entry : { ...entry, file_size: bytes.length });
  }
  return [...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

/** Keeps the bytes once all of them have come. */
export async function receive(
  { artifacts }: Memory,
  { path, open, onBytes }: UploadRequest,
  options: CallOptions,
): Promise<void> {
  const chunks: Uint8Array[] = [];
  const content = open();
  for await (const chunk of options.signal ? abortable(content, options.signal) : content) {
    const bytes = Buffer.from(chunk as Uint8Array | string);
    chunks.push(bytes);
    onBytes?.(bytes.length);
  }
  artifacts.set(storedPath(path), Buffer.concat(chunks));
}

/** Also where nothing more comes. */
function abortable(content: Readable, signal: AbortSignal): Readable {
  return Readable.from(content, { signal, objectMode: true });
}

export function send({ artifacts }: Memory, { path, from = 0 }: DownloadRequest): DownloadAnswer {
  const bytes = artifacts.get(storedPath(path));
  if (!bytes) throw notFound(`No such artifact: '${storedPath(path)}'`);
  const rest = Buffer.from(bytes.subarray(from));
  return {
    body: Readable.from(rest.length > 0 ? [rest] : [], { objectMode: false }),
    size: rest.length,
    status: from === 0 ? 200 : 206,
    headers: {},
  };
}

function storedPath(path: string): string {
  if (!path.startsWith(ENDPOINT)) throw invalid(`The mock has no artifacts at ${path}`);
  return path.slice(ENDPOINT.length).split('/').map(decodeURIComponent).join('/');
}
