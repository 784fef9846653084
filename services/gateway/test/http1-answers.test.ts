/** How the client of HTTP/1.1 reads answers of any bytes, and beside another client. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { eventually } from '@hokusai/testing';
import fc from 'fast-check';
import { Client } from 'undici';
import { BrokenConnection, MalformedAnswer } from '../src/http/http1/index.ts';
import { answering, answeringOnce, Collector, GET, Http1Ground, OK } from './support/http1-ground.ts';

/** A well-formed answer, and where it is cut into pieces. */
interface Framed {
  status: number;
  headers: [name: string, value: string][];
  pieces: string[];
  framing: string;
  interim: string;
  cuts: number[];
}

/** Hands over what comes one byte at a time. */
function inBytes(socket: Socket): void {
  const emit = socket.emit.bind(socket) as (event: string, ...args: unknown[]) => boolean;
  socket.emit = (event: string, ...args: unknown[]) => {
    if (event !== 'data') return emit(event, ...args);
    for (const byte of args[0] as Buffer) emit('data', Buffer.of(byte));
    return true;
  };
}

describe('the client of HTTP/1.1 reads an answer', () => {
  let ground: Http1Ground;
  beforeEach(async () => {
    ground = new Http1Ground();
    await ground.open();
  });
  afterEach(() => ground.close());

  const text = fc.string({ unit: 'binary-ascii', maxLength: 300 });
  const value = fc.stringMatching(/^[!-~]([ -~]{0,20}[!-~])?$/);
  const header = fc.tuple(fc.stringMatching(/^X-[a-z0-9]{1,8}$/), value);
  const framed: fc.Arbitrary<Framed> = fc.record({
    status: fc.constantFrom(200, 201, 206, 302, 404, 500),
    headers: fc.array(header, { maxLength: 5 }),
    pieces: fc.array(text, { maxLength: 5 }),
    framing: fc.constantFrom('length', 'chunked', 'close'),
    interim: fc.constantFrom('', 'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'),
    cuts: fc.array(fc.nat(), { maxLength: 6 }),
  });

  /** A well-formed answer, whole. */
  function bytesOf({ status, headers, pieces, framing, interim }: Omit<Framed, 'cuts'>) {
    const lines = headers.map(([name, content]) => `${name}: ${content}\r\n`).join('');
    const head = `${interim}HTTP/1.1 ${status} Reason\r\n${lines}`;
    const body = pieces.join('');
    if (framing === 'length') return `${head}Content-Length: ${body.length}\r\n\r\n${body}`;
    if (framing === 'close') return `${head}Connection: close\r\n\r\n${body}`;
    const chunks = pieces.filter(Boolean).map((piece) => `${piece.length.toString(16)}\r\n${piece}\r\n`);
    return `${head}Transfer-Encoding: chunked\r\n\r\n${chunks.join('')}0\r\n\r\n`;
  }

  it('as another client does, however it comes', async function () {
    this.timeout(120_000);
    await fc.assert(
      fc.asyncProperty(framed, async ({ cuts, ...answer }) => {
        const bytes = bytesOf(answer);
        const places = cuts.map((cut) => cut % bytes.length).sort((a, b) => a - b);
        ground.onSocket = (socket) =>
          socket.setNoDelay(true).once('data', () => void writeInPieces(socket, bytes, places));
        const { head, body } = await ground.send().answer;
        const other = new Client(ground.upstream.url);
        const theirs = await other.request({ method: 'GET', path: '/', responseHeaders: 'raw' });
        const theirBody = (await buffer(theirs.body)).toString('latin1');
        await other.destroy();
        assert.equal(head.status, theirs.statusCode);
        assert.deepEqual(head.rawHeaders, (theirs.headers as unknown as Buffer[]).map(String));
        assert.equal(body, theirBody);
        assert.equal(body, answer.pieces.join(''));
      }),
      { numRuns: 150 },
    );
  });

  async function writeInPieces(socket: Socket, bytes: string, places: readonly number[]): Promise<void> {
    let from = 0;
    for (const to of [...places, bytes.length]) {
      if (to > from) await new Promise((resolve) => socket.write(bytes.slice(from, to), 'latin1', resolve));
      from = to;
    }
    socket.end();
  }

  it('byte by byte', async () => {
    const slow = ground.poolTo(ground.upstream.port, inBytes);
    const head = 'HTTP/1.1 200 OK\r\nX-One: 1\r\n';
    const chunks = '1\r\no\r\n1;a\r\nk\r\n0\r\nX-Sum: 1\r\n\r\n';
    for (const bytes of [
      `${head}Content-Length: 2\r\n\r\nok`,
      `HTTP/1.1 103 Early Hints\r\n\r\n${head}Content-Length: 2\r\n\r\nok`,
      `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`,
      `${head}\r\nok`,
    ]) {
      ground.onSocket = answeringOnce(bytes);
      // The one before is still to close.
      ground.clock.advance(5000);
      const collector = new Collector();
      slow.send(GET, collector);
      const { head: read, body } = await collector.answer;
      assert.deepEqual([read.rawHeaders.slice(0, 2), body], [['X-One', '1'], 'ok']);
    }
    await slow.close();
  });

  it('with its trailers', async () => {
    ground.onSocket = answering(
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n',
    );
    assert.partialDeepStrictEqual(await ground.send().answer, { body: 'a', trailers: ['X-Sum', '1'] });
  });

  it('to its end, however much of a head comes before it', async () => {
    ground.onSocket = answering(`HTTP/1.1 103 Early Hints\r\nLink: ${'x'.repeat(60_000)}\r\n\r\n${OK}`);
    assert.equal((await ground.send().answer).body, 'ok');
    ground.onSocket = answering(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\nContent-Length: 0\r\n\r\n`);
    ground.upstream.sockets.forEach((socket) => void socket.destroy());
    await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
    await assert.rejects(ground.send().answer, MalformedAnswer);
  });

  for (const [name, bytes] of [
    ['that breaks off in its head', 'HTTP/1.1 200 OK\r\nContent-'],
    ['that breaks off in its body', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok'],
    ['that breaks off in a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nok'],
    [
      'that breaks off before the last chunk',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n',
    ],
    ['that is none', ''],
  ] as const)
    it(`never as whole ${name}`, async () => {
      ground.onSocket = answeringOnce(bytes);
      await assert.rejects(ground.send().answer, BrokenConnection);
    });

  for (const [name, bytes] of [
    ['is no HTTP', 'SSH-2.0-x\r\n'],
    ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
    ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
  ] as const)
    it(`not at all that ${name}`, async () => {
      ground.onSocket = answering(bytes);
      await assert.rejects(ground.send().answer, MalformedAnswer);
      await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
    });
});
