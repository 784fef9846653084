/** What servers are not expected to do. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { AuthenticationError, ConnectionLostError, InvalidRequestError } from '../errors/errors.ts';
import type { ApiRequest, DownloadRequest, HttpClient, UploadRequest } from '../http/client.ts';
import { createRunArtifacts } from './run-artifacts.ts';

interface Entry {
  path: string;
  is_dir?: boolean;
  file_size?: number | string;
}

/** A server with these folders, in pages of one entry, and with any file, which breaks off if its name says so. */
function open(folders: Record<string, Entry[]>, artifactUri = 'mlflow-artifacts:/1/run/artifacts') {
  const requests: string[] = [];
  const bodies: Readable[] = [];
  const json = ({ path, query }: ApiRequest) => {
    assert.equal(path, '/api/2.0/mlflow/artifacts/list');
    const entries = folders[`${query?.['path'] ?? ''}`] ?? [];
    const page = Number(query?.['page_token'] ?? 0);
    const next_page_token = page + 1 < entries.length ? `${page + 1}` : undefined;
    return Promise.resolve({ files: entries.slice(page, page + 1) as never, next_page_token });
  };
  const download = ({ path }: DownloadRequest) => {
    requests.push(path);
    const body = path.endsWith('broken')
      ? new Readable({ read: () => body.destroy(new ConnectionLostError('lost')) })
      : Readable.from([Buffer.from('x')]);
    bodies.push(body);
    return Promise.resolve({ status: 200, size: 1, headers: {}, body });
  };
  const upload = (_: UploadRequest) => Promise.reject(new AuthenticationError('no'));
  const http: HttpClient = { json, download, upload, close: () => undefined };
  const artifactUriOf = () => Promise.resolve(artifactUri);
  return { artifacts: createRunArtifacts({ http, artifactUriOf }, 'run'), requests, bodies };
}

describe('artifacts of a run', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hokusai-artifacts-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('are text, bytes or a stream, and nothing else', async () => {
    const { artifacts } = open({});
    for (const content of [undefined, null, 5, {}, new ArrayBuffer(2), [new Uint8Array(2)]])
      await assert.rejects(artifacts.upload('x', content as unknown as string), InvalidRequestError);
    for (const content of ['x', new Uint8Array(1), Readable.from(['x']), new Blob(['x']).stream()])
      await assert.rejects(artifacts.upload('x', content as unknown as string), AuthenticationError);
  });

  it('are listed in pages, with sizes as numbers or as text', async () => {
    const { artifacts } = open({
      '': [{ path: 'a', file_size: '5' }, { path: 'b', is_dir: true }, { path: 'c' }],
    });
    const pages: unknown[] = [];
    for await (const page of artifacts.list().pages()) pages.push(page);
    assert.deepEqual(pages, [
      [{ path: 'a', isFolder: false, size: 5 }],
      [{ path: 'b', isFolder: true, size: null }],
      [{ path: 'c', isFolder: false, size: 0 }],
    ]);
  });

  for (const evil of ['../evil', '/etc/evil', 'd/../../evil', 'd/..', 'd/a\\..\\evil', 'd/e/evil'])
    it(`are not written out of the folder, nor at all, if the server lists ${evil}`, async () => {
      const { artifacts, requests } = open({
        '': [{ path: 'good' }, { path: 'd', is_dir: true }],
        d: [{ path: 'd/good' }, { path: evil }],
      });
      await assert.rejects(artifacts.downloadFolder('', join(folder, 'to')), InvalidRequestError);
      assert.deepEqual([await readdir(folder), requests], [[], []]);
    });

  it('are refused before the first is written if one of them can not be asked for', async () => {
    const { artifacts, requests } = open({ '': [{ path: 'good' }, { path: '50%25' }] });
    await assert.rejects(artifacts.downloadFolder('', join(folder, 'to')), /MLflow does not keep names/);
    assert.deepEqual([await readdir(folder), requests], [[], []]);
  });

  it('leave nothing half behind when one of many fails', async () => {
    const { artifacts } = open({ '': [{ path: 'good' }, { path: 'broken' }] });
    await assert.rejects(artifacts.downloadFolder('', folder), ConnectionLostError);
    for (const name of await readdir(folder)) assert.equal(name, 'good');
  });

  it('are listed wherever they are, but not moved from where the server does not pass them on', async () => {
    const { artifacts } = open({ '': [{ path: 'a', file_size: 1 }] }, 's3://bucket/1/run/artifacts');
    for await (const { path } of artifacts.list()) assert.equal(path, 'a');
    const refused = (promise: Promise<unknown>) => assert.rejects(promise, /at s3:, not passed on/);
    await refused(artifacts.upload('a', 'x'));
    await refused(artifacts.open('a'));
    await refused(artifacts.downloadFolder('', folder));
  });

  it('let go of a stream that could not be sent', async () => {
    const { artifacts } = open({});
    for (const path of ['a', '../a']) {
      const stream = new Readable({ read: () => undefined });
      await assert.rejects(artifacts.upload(path, stream));
      assert(stream.destroyed);
    }
  });

  it('end their connection when nobody reads them, or nothing more of them', async () => {
    const { artifacts, bodies } = open({});
    const bytes = await artifacts.open('a');
    bytes.destroy();
    await new Promise((resolve) => bytes.once('close', resolve));
    await assert.rejects(artifacts.downloadFile('b', join(folder, 'no\0name')), {
      code: 'ERR_INVALID_ARG_VALUE',
    });
    assert.deepEqual(
      bodies.map(({ destroyed }) => destroyed),
      [true, true],
    );
  });
});
