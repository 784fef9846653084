import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { ChecksumError, ConnectionLostError, NotFoundError } from '../errors/errors.ts';
import type { DownloadAnswer, DownloadRequest, HttpClient } from '../http/client.ts';
import { receive } from './receive.ts';

/** A server that gives a file in pieces and loses the connection after so many bytes of each answer. */
interface FileServer {
  file: Buffer;
  /** Bytes after which each answer breaks; the answers after them are whole. */
  breaks: readonly number[];
  ranges: 'none' | 'tagged' | 'untagged' | 'changing';
  isSizeKnown: boolean;
}

function serve(server: FileServer): { http: HttpClient; requests: DownloadRequest[] } {
  const requests: DownloadRequest[] = [];
  const answer = (request: DownloadRequest): DownloadAnswer => {
    const breakAt = server.breaks[requests.length] ?? Number.POSITIVE_INFINITY;
    requests.push(request);
    const honoured = server.ranges === 'none' ? undefined : request.from;
    const bytes = server.file.subarray(honoured ?? 0);
    const tag = server.ranges === 'changing' ? `"${requests.length}"` : '"1"';
    return {
      status: honoured === undefined ? 200 : 206,
      size: server.isSizeKnown ? bytes.length : null,
      headers: {
        ...(server.ranges !== 'untagged' && { etag: tag }),
        ...(honoured !== undefined && {
          'content-range': `bytes ${honoured}-${server.file.length - 1}/${server.file.length}`,
        }),
      },
      body: Readable.from(pieces(bytes, breakAt)),
    };
  };
  const no = () => assert.fail();
  const download = (request: DownloadRequest) => Promise.resolve(answer(request));
  return { http: { download, json: no, upload: no, close: no }, requests };
}

function* pieces(bytes: Buffer, breakAt: number): Generator<Buffer> {
  for (let at = 0; at < Math.min(bytes.length, breakAt); at += 3)
    yield bytes.subarray(at, Math.min(at + 3, breakAt));
  if (breakAt < bytes.length) throw new ConnectionLostError('lost');
}

const read = async (http: HttpClient) => {
  const { bytes, summary } = await receive({ http }, '/file');
  const content = await buffer(bytes);
  return { content, ...summary() };
};
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const file = Buffer.from('The quick brown fox jumps over the lazy dog');

describe('a download that breaks', () => {
  it('comes whole, whatever the server knows of ranges and wherever it breaks', async () => {
    const servers = fc.record({
      file: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)),
      // Those after which nothing new came are counted, see below.
      breaks: fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 2 }),
      ranges: fc.constantFrom('none', 'tagged', 'untagged', 'changing'),
      isSizeKnown: fc.boolean(),
    }) satisfies fc.Arbitrary<FileServer>;
    await fc.assert(
      fc.asyncProperty(servers, async (server) => {
        const { content, size, sha256: sum } = await read(serve(server).http);
        assert.deepEqual(content, server.file);
        assert.deepEqual([size, sum], [server.file.length, sha256(server.file)]);
      }),
      { numRuns: 300 },
    );
  });

  it('goes on where it was, any number of times, if the tag says that it is the same file', async () => {
    const breaks = Array.from(file, () => 1).slice(1);
    const { http, requests } = serve({ file, breaks, ranges: 'tagged', isSizeKnown: true });
    assert.deepEqual((await read(http)).content, file);
    assert.deepEqual(
      requests.map(({ from }) => from),
      [undefined, ...Array.from(breaks, (_, index) => index + 1)],
    );
  });

  it('begins again, past what is here, if nothing says so', async () => {
    for (const ranges of ['untagged', 'changing'] as const) {
      const { http, requests } = serve({ file, breaks: [10], ranges, isSizeKnown: true });
      assert.deepEqual((await read(http)).content, file);
      assert.deepEqual(
        requests.map(({ from }) => from),
        [undefined, 10, undefined],
      );
    }
  });

  it('is never made of two files', async () => {
    for (const isShorter of [false, true]) {
      const server: FileServer = { file, breaks: [10], ranges: 'none', isSizeKnown: true };
      const { http } = serve(server);
      const { bytes } = await receive({ http }, '/file');
      assert.equal((await bytes.next()).value?.length, 3);
      server.file = isShorter ? Buffer.from('other') : Buffer.from(file.toString().toUpperCase());
      await assert.rejects(buffer(bytes), ChecksumError);
    }
  });

  it('is given up when it breaks three times at the same place', async () => {
    const { http, requests } = serve({ file, breaks: [6, 0, 0, 0, 0], ranges: 'tagged', isSizeKnown: true });
    await assert.rejects(read(http), ConnectionLostError);
    assert.equal(requests.length, 3);
  });

  it('has broken, too, if the connection ends as if all were well', async () => {
    const { http, requests } = serve({ file, breaks: [], ranges: 'tagged', isSizeKnown: true });
    const download = http.download;
    http.download = async (request) => {
      const answer = await download(request);
      return requests.length > 1 ? answer : { ...answer, body: Readable.from([file.subarray(0, 10)]) };
    };
    assert.deepEqual((await read(http)).content, file);
  });

  it('ends at once with an error that another attempt would have, too', async () => {
    const { http } = serve({ file, breaks: [6], ranges: 'tagged', isSizeKnown: true });
    const download = http.download;
    http.download = (request) =>
      request.from === undefined ? download(request) : Promise.reject(new NotFoundError('deleted meanwhile'));
    await assert.rejects(read(http), NotFoundError);
  });

  it('is told to the logger', async () => {
    const { http } = serve({ file, breaks: [6], ranges: 'tagged', isSizeKnown: true });
    const told: unknown[] = [];
    const no = () => assert.fail();
    const logger = { debug: no, info: no, error: no, warn: (...of: unknown[]) => told.push(of) };
    await buffer((await receive({ http, logger }, '/file')).bytes);
    assert.deepEqual(told, [
      ['A download broke and is gone on with', { path: '/file', received: 6, code: 'CONNECTION_LOST' }],
    ]);
  });
});
