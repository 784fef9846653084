/** Artifacts of a run on a real server, directly and through the gateway. */
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { growthDuring, sharedMlflow, sharedMlflow2 } from '@hokusai/testing';
import { AbortedError, ChecksumError, InvalidRequestError, NotFoundError } from '../src/errors/errors.ts';
import type { HttpClient } from '../src/http/client.ts';
import type { RunArtifacts } from '../src/model/artifact.ts';
import { newRun, openClient, openRun } from './support/run-artifacts.ts';
import { type Gateway, startGateway } from './support/through-gateway.ts';

const sha256 = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('hex');
const READY_MS = 120_000;
const MIB = 2 ** 20;
const LARGE_BYTES = 256 * MIB;
/** What a process grows by while streams of it are in use, which is much less. */
const MOST_GROWTH_BYTES = 128 * MIB;

describe('artifacts of a run', () => {
  let gateway: Gateway;
  let mlflowUrl: string;
  let mlflow2Url: string;

  before(async function () {
    this.timeout(READY_MS);
    mlflowUrl = (await sharedMlflow()).url;
    mlflow2Url = (await sharedMlflow2()).url;
    gateway = await startGateway(mlflowUrl);
  });
  after(() => gateway[Symbol.asyncDispose]());

  const targets = [
    ['MLflow', 3, () => ({ trackingUri: mlflowUrl })],
    ['MLflow 2.22', 2, () => ({ trackingUri: mlflow2Url })],
    ['the gateway', 3, () => ({ trackingUri: gateway.trackingUri, apiKey: gateway.apiKey })],
  ] as const;

  for (const [target, major, settings] of targets)
    describe(`on ${target}`, () => {
      let http: HttpClient;
      let folder: string;
      let artifacts: RunArtifacts;

      before(() => {
        http = openClient(settings());
      });
      after(() => http.close());
      beforeEach(async () => {
        folder = await mkdtemp(join(tmpdir(), 'hokusai-artifacts-'));
        artifacts = await newRun(http);
      });
      afterEach(() => rm(folder, { recursive: true }));

      const listed = async (below?: string) => (await all(artifacts.list(below))).map(({ path }) => path);
      const content = async (path: string) => (await buffer(await artifacts.open(path))).toString();

      it('are stored under their names, whatever these are, and come back byte for byte', async () => {
        const names = [
          'plain.txt',
          'a b.txt',
          'ünï/größe.txt',
          '100%.txt',
          'a+b&c=d.txt',
          'x;y.txt',
          'q?r.txt',
          '.hidden',
          "it's (1)!*.txt",
          'a:b.txt',
          '[1].txt',
          '~',
        ];
        // Servers of 2.x break off before they send these.
        if (major > 2) names.push('日本語/🎉.txt');
        for (const name of names) {
          const sent = await artifacts.upload(name, `content of ${name}`);
          assert.deepEqual(sent, {
            path: name,
            size: Buffer.byteLength(`content of ${name}`),
            sha256: sha256(`content of ${name}`),
          });
        }
        for (const name of names) assert.equal(await content(name), `content of ${name}`);
        assert.deepEqual((await listed()).sort(), names.map((name) => name.split('/')[0]).sort());
        assert.deepEqual(await listed('ünï'), ['ünï/größe.txt']);
      });

      it('may be text, bytes, a stream of known or unknown length, or nothing at all', async () => {
        const bytes = randomBytes(300_000);
        async function* chunks() {
          for (let at = 0; at < bytes.length; at += 50_000)
            yield await Promise.resolve(bytes.subarray(at, at + 50_000));
        }
        await artifacts.upload('text', 'grüße');
        await artifacts.upload('bytes', bytes);
        await artifacts.upload('stream', Readable.from(chunks()), { size: bytes.length });
        await artifacts.upload('endless', chunks());
        await artifacts.upload('empty', '');
        await artifacts.upload('no chunks', Readable.from([]));
        assert.equal(await content('text'), 'grüße');
        for (const path of ['bytes', 'stream', 'endless'])
          assert(bytes.equals(await buffer(await artifacts.open(path))), path);
        const sizes = (await all(artifacts.list())).map(({ path, size }) => [path, size]);
        assert.deepEqual(Object.fromEntries(sizes), {
          ...{ text: 7, bytes: 300_000, stream: 300_000, endless: 300_000, empty: 0, 'no chunks': 0 },
        });
        for (const path of ['empty', 'no chunks']) {
          const got = await artifacts.downloadFile(path, join(folder, path));
          assert.deepEqual(got, { path, size: 0, sha256: sha256('') });
          assert.equal((await readFile(join(folder, path))).length, 0);
        }
      });

      it('go and come as folders, several files at once', async () => {
        const paths = [
          'top.bin',
          'model/MLmodel',
          'model/data/weights 1.bin',
          'model/data/empty',
          ...Array.from({ length: 12 }, (_, i) => `many/${i}.txt`),
        ];
        await makeFolder(join(folder, 'from'), paths);
        const sent = await artifacts.uploadFolder(join(folder, 'from'), 'run 1');
        assert.deepEqual(sent.map(({ path }) => path).sort(), paths.map((path) => `run 1/${path}`).sort());
        assert.deepEqual(await all(artifacts.list('run 1/model')), [
          { path: 'run 1/model/MLmodel', isFolder: false, size: 'model/MLmodel'.length },
          { path: 'run 1/model/data', isFolder: true, size: null },
        ]);
        const got = await artifacts.downloadFolder('run 1', join(folder, 'to/here'));
        assert.deepEqual(bySum(got), bySum(sent));
        assert.deepEqual(await readFolder(join(folder, 'to/here')), paths.sort());
        for (const path of paths)
          assert.equal(await readFile(join(folder, 'to/here', path), 'utf8'), contentOf(path));
        await artifacts.downloadFolder('', join(folder, 'all'));
        assert.deepEqual(await readFolder(join(folder, 'all/run 1')), paths.sort());
      });

      it('follow links to files, not to folders', async () => {
        await makeFolder(join(folder, 'from'), ['a', 'real/b']);
        await symlink(join(folder, 'from/real'), join(folder, 'from/folder-link'));
        await symlink(join(folder, 'from/real/b'), join(folder, 'from/file-link'));
        const sent = await artifacts.uploadFolder(join(folder, 'from'));
        assert.deepEqual(
          sent.map(({ path }) => path),
          ['a', 'file-link', 'real/b'],
        );
        assert.equal(await content('file-link'), contentOf('real/b'));
      });

      it('go as single files under their own names', async () => {
        await makeFolder(folder, ['data.csv']);
        const sent = await artifacts.uploadFile(join(folder, 'data.csv'), 'in/put');
        assert.deepEqual(sent, { path: 'in/put/data.csv', size: 8, sha256: sha256('data.csv') });
        assert.equal((await artifacts.uploadFile(join(folder, 'data.csv'))).path, 'data.csv');
        assert.equal(await content('in/put/data.csv'), 'data.csv');
      });

      it('tell of their progress', async () => {
        const bytes = randomBytes(1_000_000);
        const progress: number[] = [];
        const size = bytes.length;
        let isSizeKnown = true;
        const onProgress = (now: { path: string; transferred: number; size: number | null }) => {
          assert.equal(now.path, 'big');
          if (isSizeKnown) assert.equal(now.size, size);
          progress.push(now.transferred);
        };
        const rises = () => {
          assert(progress.length > 3, `told ${progress.length} times`);
          assert.deepEqual(
            progress,
            [...progress].sort((one, other) => one - other),
          );
          assert.equal(progress.splice(0).at(-1), size);
        };
        await artifacts.upload('big', bytes, { onProgress });
        rises();
        // Servers of 2.x don't say.
        isSizeKnown = major > 2;
        await artifacts.downloadFile('big', join(folder, 'big'), { onProgress });
        rises();
        await buffer(await artifacts.open('big', { onProgress }));
        rises();
        const none: unknown[] = [];
        await artifacts.upload('none', '', { onProgress: (now) => none.push(now) });
        assert.deepEqual(none.at(-1), { path: 'none', transferred: 0, size: 0 });
      });

      it('are not there, and nothing stays of a download that fails', async () => {
        await assert.rejects(artifacts.open('missing'), NotFoundError);
        await assert.rejects(artifacts.downloadFile('mis/sing', join(folder, 'x')), NotFoundError);
        await assert.rejects(artifacts.downloadFolder('missing', join(folder, 'y')), NotFoundError);
        await artifacts.upload('file', 'content');
        await assert.rejects(artifacts.downloadFolder('file', join(folder, 'y')), NotFoundError);
        await assert.rejects(
          artifacts.downloadFile('file', join(folder, 'x'), { sha256: sha256('other') }),
          ChecksumError,
        );
        assert.deepEqual(await readdir(folder), []);
        const sum = sha256('content').toUpperCase();
        await artifacts.downloadFile('file', join(folder, 'x'), { sha256: sum });
        assert.equal(await readFile(join(folder, 'x'), 'utf8'), 'content');
        await assert.rejects(artifacts.downloadFile('file', folder));
        assert.deepEqual(await readdir(folder), ['x']);
      });

      it('of a run that has none are none', async () => {
        assert.deepEqual(await listed(), []);
        assert.deepEqual(await artifacts.downloadFolder('', join(folder, 'none')), []);
        assert.deepEqual(await readdir(join(folder, 'none')), []);
      });

      it('are refused under paths that lead elsewhere, before anything is sent', async () => {
        await makeFolder(join(folder, 'from'), ['good', 'z%41']);
        const refused = (promise: Promise<unknown>) => assert.rejects(promise, InvalidRequestError);
        await refused(artifacts.upload('../x', 'x'));
        await refused(artifacts.uploadFile(join(folder, 'from/good'), '../..'));
        await refused(artifacts.uploadFolder(join(folder, 'from')));
        await refused(artifacts.uploadFolder(join(folder, 'from'), '/abs'));
        await refused(artifacts.uploadFile(join(folder, 'from')));
        await refused(artifacts.open('a/../../x'));
        await refused(artifacts.downloadFile('/etc/passwd', join(folder, 'x')));
        await refused(artifacts.downloadFolder('..', join(folder, 'x')));
        await refused(all(artifacts.list('..')));
        assert.deepEqual(await listed(), []);
        assert.deepEqual(await readdir(folder), ['from']);
      });

      it('are refused if they are longer or shorter than was said', async () => {
        const refused = (promise: Promise<unknown>) => assert.rejects(promise, InvalidRequestError);
        await refused(artifacts.upload('x', Readable.from(['abc']), { size: 4 }));
        await refused(artifacts.upload('x', Readable.from(['abc']), { size: 2 }));
        await refused(artifacts.upload('x', 'abc', { size: 2 }));
        // Servers of 2.x keep what came.
        if (major > 2) assert.deepEqual(await listed(), []);
      });

      it('stop when their signal says so', async () => {
        const bytes = randomBytes(5_000_000);
        await artifacts.upload('big', bytes);
        const stopped = async (
          work: (options: { signal: AbortSignal; onProgress: () => void }) => Promise<unknown>,
        ) => {
          const controller = new AbortController();
          await assert.rejects(
            work({ signal: controller.signal, onProgress: () => controller.abort() }),
            AbortedError,
          );
        };
        await stopped((options) => artifacts.downloadFile('big', join(folder, 'big'), options));
        await stopped((options) => artifacts.downloadFolder('', join(folder, 'all'), options));
        await stopped((options) => artifacts.upload('other', bytes, options));
        await stopped(async (options) => buffer(await artifacts.open('big', options)));
        assert.deepEqual(await readdir(folder), ['all']);
        assert.deepEqual(await readdir(join(folder, 'all')), []);
      });
    });

  it('take no more memory when they are large, both ways through the gateway', async function () {
    this.timeout(READY_MS);
    await using files = await temporaryFolder();
    const { artifacts, close } = await openRun({ trackingUri: gateway.trackingUri, apiKey: gateway.apiKey });
    const [from, to] = [join(files.path, 'large'), join(files.path, 'back')];
    await writeFile(from, '');
    await truncate(from, LARGE_BYTES);
    const growth = await growthDuring(process.pid, async () => {
      const sent = await artifacts.uploadFile(from);
      const got = await artifacts.downloadFile('large', to, { sha256: sent.sha256 });
      assert.deepEqual([sent.size, got.size], [LARGE_BYTES, LARGE_BYTES]);
    });
    close();
    assert(growth < MOST_GROWTH_BYTES, `grew by ${Math.round(growth / MIB)} MiB`);
  });
});

async function temporaryFolder(): Promise<AsyncDisposable & { path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'hokusai-artifacts-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function all<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** Each file holds its path, but for those that are called empty. */
const contentOf = (path: string) => (path.endsWith('empty') ? '' : path);

async function makeFolder(folder: string, paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await mkdir(join(folder, path, '..'), { recursive: true });
    await writeFile(join(folder, path), contentOf(path));
  }
}

async function readFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const bySum = (files: readonly { path: string; sha256: string }[]) =>
  files.map(({ path, sha256 }) => `${path} ${sha256}`).sort();
