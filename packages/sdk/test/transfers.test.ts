import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { contentSource, measured } from '../src/artifacts/content.ts';
import { resolveConfig } from '../src/config/config.ts';
import { silentLogger } from '../src/config/logger.ts';
import {
  AuthenticationError,
  ConnectionLostError,
  ConnectionRefusedError,
  InvalidRequestError,
  RateLimitedError,
  ServerError,
  TimeoutError,
  UnexpectedAnswerError,
} from '../src/errors/errors.ts';
import { createHttpClient, type HttpClient } from '../src/http/client.ts';
import { systemClock } from '../src/http/system.ts';
import type { Content } from '../src/model/artifact.ts';
import { closedPort } from './support/fault-server.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const CHUNK = Buffer.alloc(64 * 1024, 1);
const path = '/file';

function* chunks(): Generator<Uint8Array> {
  for (let count = 0; count < 20; count++) yield CHUNK;
}

const STREAMS: [string, () => Content][] = [
  [
    'a generator',
    () =>
      (async function* () {
        yield* chunks();
      })(),
  ],
  ['a Readable', () => Readable.from(chunks())],
  ['a web stream', () => new Blob([...chunks()]).stream()],
];

function measuredSource(content: Content, size: number | undefined) {
  const source = contentSource(content, size);
  return { open: measured(source).open, isRepeatable: source.isRepeatable };
}

function clientOf(url: string, timeoutMs = 5000, clock = systemClock): HttpClient {
  return createHttpClient(resolveConfig({ trackingUri: url, timeoutMs, maxRetries: 2 }, {}), {
    clock,
    delay: () => Promise.resolve(),
    random: Math.random,
    logger: silentLogger,
  });
}

describe('transfers', () => {
  let server: Server;
  let url: string;
  let handle: Handler;
  let connections: number;
  const sockets = new Set<Socket>();

  beforeEach(async () => {
    connections = 0;
    server = createServer({ keepAliveTimeout: 0 }, (request, response) => handle(request, response));
    server.on('connection', (socket) => {
      connections++;
      sockets.add(socket.on('close', () => sockets.delete(socket)));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.close();
    for (const socket of sockets) socket.destroy();
    await once(server, 'close');
  });

  it('reports the bytes that go, and takes back those of an attempt that failed', async () => {
    let attempts = 0;
    handle = async (request, response) => {
      if ((await buffer(request)).length > 0) response.writeHead(attempts++ === 0 ? 503 : 200).end();
    };
    const counts: number[] = [];
    const open = () => Readable.from([CHUNK, CHUNK]);
    const size = 2 * CHUNK.length;
    await clientOf(url).upload({
      path,
      size,
      open,
      isRepeatable: true,
      onBytes: (count) => counts.push(count),
    });
    assert.deepEqual(counts, [CHUNK.length, CHUNK.length, -size, CHUNK.length, CHUNK.length]);
  });

  it('send in chunks what has no length', async () => {
    let received: IncomingMessage | undefined;
    handle = async (request, response) => {
      received = request;
      response.end(String((await buffer(request)).length));
    };
    await clientOf(url).upload({ path, open: () => Readable.from([CHUNK]), isRepeatable: true });
    assert.equal(received?.headers['transfer-encoding'], 'chunked');
  });

  it('read the answer to an upload that is refused before its end, and stop reading the file', async () => {
    handle = (_request, response) => response.writeHead(401).end('{"message": "no"}');
    let opened: Readable | undefined;
    const open = () => {
      opened = Readable.from(endless());
      return opened;
    };
    await assert.rejects(
      clientOf(url).upload({ path, open, isRepeatable: true }),
      (error) => error instanceof AuthenticationError && error.message === 'no',
    );
    assert.equal(opened?.destroyed, true);
  });

  it('keep what a connection that never stood has not read of a stream', async () => {
    let opens = 0;
    const open = () => {
      opens++;
      return Readable.from([CHUNK]);
    };
    const client = clientOf(`http://127.0.0.1:${await closedPort()}`);
    await assert.rejects(client.upload({ path, open, isRepeatable: false }), ConnectionRefusedError);
    assert.equal(opens, 0);
  });

  it('send a stream that can be had once only once', async () => {
    let requests = 0;
    handle = (request, response) => {
      requests++;
      request.resume().on('end', () => response.writeHead(500).end());
    };
    const open = () => Readable.from([CHUNK]);
    await assert.rejects(clientOf(url).upload({ path, open, isRepeatable: false }));
    assert.equal(requests, 1);
  });

  for (const [what, status, headers, refusal] of [
    ['429', 429, {}, RateLimitedError],
    ['503 with Retry-After', 503, { 'Retry-After': '0' }, ServerError],
  ] as const)
    for (const [kind, make] of STREAMS)
      for (const size of [undefined, 20 * CHUNK.length])
        it(`end with the error of a ${what}, ${kind} of ${size ?? 'no'} size sent once only`, async () => {
          for (const isRead of [true, false]) {
            let requests = 0;
            handle = (request, response) => {
              const answer = () =>
                response.writeHead(requests++ === 0 ? status : 200, headers).end('{"message": "no"}');
              if (isRead) request.resume().on('end', answer);
              else request.once('data', answer).resume();
            };
            const { open, isRepeatable } = measuredSource(make(), size);
            const upload = clientOf(url).upload({ path, ...(size && { size }), open, isRepeatable });
            await assert.rejects(upload, refusal);
            assert.equal(requests, 1);
          }
        });

  it('name what is nested too deeply, or no JSON, and no key in it', async () => {
    const key = `hk_live_${'Ab1'.repeat(16)}`;
    let body = '';
    handle = (_request, response) => response.end(body);
    for (body of [
      `{"a":${'['.repeat(200_000)}1234567890123456789${']'.repeat(200_000)}}`,
      `<html><title>${key}</title></html>`,
    ])
      await assert.rejects(
        clientOf(url).json({ method: 'GET', path }),
        (error) => error instanceof UnexpectedAnswerError && !error.message.includes(key),
      );
  });

  it('do not take a success before the end of the file for one', async () => {
    handle = (request, response) => request.once('data', () => response.end()).resume();
    const open = () => Readable.from(endless());
    for (const isRepeatable of [true, false])
      await assert.rejects(clientOf(url).upload({ path, open, isRepeatable }), UnexpectedAnswerError);
    const size = 1000 * CHUNK.length;
    await assert.rejects(
      clientOf(url).upload({ path, size, open, isRepeatable: true }),
      UnexpectedAnswerError,
    );
  });

  for (const [what, size] of [
    ['more', 3],
    ['fewer', CHUNK.length + 1],
  ] as const)
    it(`end with an error where there are ${what} bytes than announced`, async () => {
      handle = (request, response) => request.resume().on('end', () => response.end());
      const open = () => Readable.from([CHUNK]);
      await assert.rejects(
        clientOf(url).upload({ path, size, open, isRepeatable: true }),
        InvalidRequestError,
      );
    });

  it('reject with the error of the file that is read', async () => {
    handle = (request) => request.resume();
    const open = () =>
      new Readable({
        read() {
          this.destroy(new Error('disk'));
        },
      });
    await assert.rejects(clientOf(url).upload({ path, open, isRepeatable: true }), { message: 'disk' });
  });

  it('time out when the server stops taking bytes, and not while the file is slow', async () => {
    handle = (request) => request.pause();
    const stuck = clientOf(url, 200).upload({
      path,
      open: () => Readable.from(endless()),
      isRepeatable: false,
    });
    await assert.rejects(stuck, TimeoutError);
    handle = (request, response) => request.resume().on('end', () => response.end());
    const slow = async function* () {
      yield Buffer.from('a');
      await new Promise((resolve) => setTimeout(resolve, 300));
      yield CHUNK;
    };
    await clientOf(url, 200).upload({ path, open: () => Readable.from(slow()), isRepeatable: false });
  });

  it('give the bytes as they come, not faster than they are read', async () => {
    let sent = 0;
    const counted = function* () {
      for (const chunk of endless()) {
        sent += chunk.length;
        yield chunk;
      }
    };
    handle = (_request, response) => {
      Readable.from(counted()).pipe(response);
    };
    const { body, size, status } = await clientOf(url, 200).download({ path });
    assert.deepEqual([size, status], [null, 200]);
    await once(body, 'readable');
    // Longer than the time-out: while nobody reads, no time counts.
    await new Promise((resolve) => setTimeout(resolve, 400));
    assert(sent < 20 * 1024 * 1024, `${sent} bytes were sent to nobody`);
    assert.equal(body.read()?.length > 0, true);
    body.destroy();
  });

  it('end a download that breaks off, hangs or is aborted, with an error of the SDK', async () => {
    handle = (_request, response) => {
      response
        .writeHead(200, { 'Content-Length': '100000' })
        .write(CHUNK, () => response.socket?.resetAndDestroy());
    };
    const broken = await clientOf(url).download({ path });
    assert.equal(broken.size, 100_000);
    await assert.rejects(buffer(broken.body), ConnectionLostError);
    handle = (_request, response) => response.writeHead(200, { 'Content-Length': '100000' }).write(CHUNK);
    const hanging = await clientOf(url, 200).download({ path });
    await assert.rejects(buffer(hanging.body), TimeoutError);
    const controller = new AbortController();
    const aborted = await clientOf(url).download({ path }, { signal: controller.signal });
    controller.abort();
    await assert.rejects(buffer(aborted.body), { code: 'ABORTED' });
  });

  it('go on from a byte', async () => {
    handle = (request, response) => {
      const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]);
      response.writeHead(206).end('0123456789'.slice(from));
    };
    const { body, status } = await clientOf(url).download({ path, from: 7 });
    assert.deepEqual([status, (await buffer(body)).toString()], [206, '789']);
  });

  it('find a file that is not there, whatever the server says about it', async () => {
    handle = (_request, response) => response.writeHead(404, { 'Content-Type': 'text/html' }).end('<html>');
    await assert.rejects(clientOf(url).download({ path }), { code: 'NOT_FOUND' });
  });

  it('use a connection again, but not one that has waited for long', async () => {
    handle = (_request, response) => response.end('{}');
    let elapsedMs = 0;
    const client = clientOf(url, 5000, { now: Date.now, elapsed: () => elapsedMs });
    const ask = async () => {
      await client.json({ method: 'GET', path });
      // The agent has it back when the answer's end was seen.
      await new Promise((resolve) => setImmediate(resolve));
    };
    await ask();
    await ask();
    assert.equal(connections, 1);
    elapsedMs = 4001;
    await ask();
    assert.equal(connections, 2);
    client.close();
  });
});

function* endless() {
  for (;;) yield CHUNK;
}
