/** The client of HTTP/1.1 against servers that answer with any bytes, and beside another client. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { eventually } from '@hokusai/testing';
import fc from 'fast-check';
import { Client } from 'undici';
import {
  type AnswerFlow,
  type AnswerHandler,
  type AnswerHead,
  BrokenConnection,
  ConnectFailed,
  ConnectionPool,
  MalformedAnswer,
  UnsendableRequest,
  type UpstreamRequest,
} from '../src/http/http1/index.ts';
import { ManualClock } from './support/manual-clock.ts';
import { startRawUpstream, type TestUpstream } from './support/upstream.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
const GET: UpstreamRequest = { method: 'GET', path: '/', headers: ['Host', 'x'], body: null };

interface Answer {
  head: AnswerHead;
  body: string;
  trailers: readonly string[];
}

/** A well-formed answer, and where it is cut into pieces. */
interface Framed {
  status: number;
  headers: [name: string, value: string][];
  pieces: string[];
  framing: string;
  interim: string;
  cuts: number[];
}

/** Collects an answer. */
class Collector implements AnswerHandler {
  readonly answer: Promise<Answer>;
  flow: AnswerFlow | undefined;
  isSent = false;
  bytes = 0;
  readonly #chunks: Buffer[] = [];
  #head: AnswerHead | undefined;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: Error) => void;

  constructor() {
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.answer.catch(() => {});
  }

  get head(): AnswerHead | undefined {
    return this.#head;
  }

  onSending(flow: AnswerFlow): void {
    this.flow = flow;
  }
  onSent(): void {
    this.isSent = true;
  }
  onHead(head: AnswerHead): void {
    assert.equal(this.#head, undefined);
    this.#head = head;
  }
  onData(chunk: Buffer): void {
    this.bytes += chunk.length;
    this.#chunks.push(chunk);
  }
  onArrived(): void {}
  onEnd(trailers: readonly string[]): void {
    const body = Buffer.concat(this.#chunks).toString('latin1');
    this.#resolve({ head: this.#head as AnswerHead, body, trailers });
  }
  onError(error: Error): void {
    this.#reject(error);
  }
}

describe('the client of HTTP/1.1', () => {
  let upstream: TestUpstream;
  let onSocket: (socket: Socket) => void;
  let pool: ConnectionPool;
  let clock: ManualClock;
  let connected: number;

  beforeEach(async () => {
    onSocket = (socket) => socket.on('data', () => socket.write(OK));
    upstream = await startRawUpstream((socket) => onSocket(socket));
    clock = new ManualClock();
    connected = 0;
    pool = poolTo(upstream.port);
  });

  afterEach(async () => {
    const closed = pool.close();
    await upstream.close();
    await closed;
  });

  function poolTo(port: number, change = (_socket: Socket) => {}): ConnectionPool {
    return new ConnectionPool({
      connect: (onDone) => {
        const socket = connect(port, '127.0.0.1');
        change(socket);
        const onError = (error: Error) => onDone(new ConnectFailed(error, false));
        socket.once('error', onError).once('connect', () => onDone(socket.off('error', onError)));
      },
      ...{ idleMs: 4000, clock },
      onConnected: () => {
        connected += 1;
      },
      onConnectFailed: () => {},
    });
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

  function send(request: Partial<UpstreamRequest> = {}): Collector {
    const collector = new Collector();
    pool.send({ ...GET, ...request }, collector);
    return collector;
  }

  const answering = (bytes: string) => (socket: Socket) => void socket.on('data', () => socket.write(bytes));
  const answeringOnce = (bytes: string) => (socket: Socket) =>
    void socket.on('data', () => socket.end(Buffer.from(bytes, 'latin1')));

  describe('reads an answer', () => {
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
          onSocket = (socket) =>
            socket.setNoDelay(true).once('data', () => void writeInPieces(socket, bytes, places));
          const { head, body } = await send().answer;
          const other = new Client(upstream.url);
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
      const slow = poolTo(upstream.port, inBytes);
      const head = 'HTTP/1.1 200 OK\r\nX-One: 1\r\n';
      const chunks = '1\r\no\r\n1;a\r\nk\r\n0\r\nX-Sum: 1\r\n\r\n';
      for (const bytes of [
        `${head}Content-Length: 2\r\n\r\nok`,
        `HTTP/1.1 103 Early Hints\r\n\r\n${head}Content-Length: 2\r\n\r\nok`,
        `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`,
        `${head}\r\nok`,
      ]) {
        onSocket = answeringOnce(bytes);
        // The one before is still to close.
        clock.advance(5000);
        const collector = new Collector();
        slow.send(GET, collector);
        const { head: read, body } = await collector.answer;
        assert.deepEqual([read.rawHeaders.slice(0, 2), body], [['X-One', '1'], 'ok']);
      }
      await slow.close();
    });

    it('with its trailers', async () => {
      onSocket = answering(
        'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nX-Sum: 1\r\n\r\n',
      );
      assert.partialDeepStrictEqual(await send().answer, { body: 'a', trailers: ['X-Sum', '1'] });
    });

    it('to its end, however much of a head comes before it', async () => {
      onSocket = answering(`HTTP/1.1 103 Early Hints\r\nLink: ${'x'.repeat(60_000)}\r\n\r\n${OK}`);
      assert.equal((await send().answer).body, 'ok');
      onSocket = answering(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\nContent-Length: 0\r\n\r\n`);
      upstream.sockets.forEach((socket) => void socket.destroy());
      await eventually(() => assert.equal(upstream.sockets.size, 0));
      await assert.rejects(send().answer, MalformedAnswer);
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
        onSocket = answeringOnce(bytes);
        await assert.rejects(send().answer, BrokenConnection);
      });

    for (const [name, bytes] of [
      ['is no HTTP', 'SSH-2.0-x\r\n'],
      ['switches protocols', 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n'],
      ['has two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nok'],
    ] as const)
      it(`not at all that ${name}`, async () => {
        onSocket = answering(bytes);
        await assert.rejects(send().answer, MalformedAnswer);
        await eventually(() => assert.equal(upstream.sockets.size, 0));
      });
  });

  describe('uses a connection', () => {
    const twice = async () => {
      await send().answer;
      await send().answer;
      return connected;
    };

    it('again', async () => assert.equal(await twice(), 1));

    it('for one request at a time', async () => {
      await Promise.all([send().answer, send().answer]);
      assert.equal(connected, 2);
    });

    it('no more after an answer that says so', async () => {
      onSocket = answering(OK.replace('\r\n', '\r\nConnection: close\r\n'));
      assert.equal(await twice(), 2);
    });

    it('no more after bytes behind the answer: they would be taken for the next one', async () => {
      onSocket = answering(`${OK}HTTP/1.1 200 OK\r\n`);
      assert.equal(await twice(), 2);
      onSocket = answering('HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok');
      assert.equal(await twice(), 4);
    });

    it('no more after bytes that nobody has asked for', async () => {
      await send().answer;
      const [socket] = upstream.sockets;
      socket?.write(OK);
      await eventually(() => assert.equal(upstream.sockets.size, 0));
      await send().answer;
      assert.equal(connected, 2);
    });

    it('no more when it has been idle', async () => {
      await send().answer;
      clock.advance(4001);
      await send().answer;
      assert.equal(connected, 2);
    });

    it('for less time where the server says so, with a margin', async () => {
      onSocket = answering(OK.replace('\r\n', '\r\nKeep-Alive: timeout=3\r\n'));
      await send().answer;
      clock.advance(1999);
      await send().answer;
      assert.equal(connected, 1);
      clock.advance(2001);
      await send().answer;
      assert.equal(connected, 2);
      onSocket = answering(OK.replace('\r\n', '\r\nKeep-Alive: timeout=1\r\n'));
      clock.advance(5000);
      await twice();
      assert.equal(connected, 4);
    });

    it('no more where the answer came before the whole request', async () => {
      const body = new Readable({ read() {} });
      body.push('ab');
      await send({ method: 'POST', headers: ['Content-Length', '9'], body }).answer;
      assert.equal(body.destroyed, true);
      await send().answer;
      assert.equal(connected, 2);
    });
  });

  describe('sends a body', () => {
    const bodyOf = () => upstream.received().split('\r\n\r\n').slice(1).join('\r\n\r\n');

    it('with its length, in one packet with the head', async () => {
      const packets: string[] = [];
      onSocket = (socket) =>
        socket.on('data', (bytes: Buffer) => packets.push(String(bytes)) && socket.write(OK));
      const sent = send({
        method: 'PUT',
        headers: ['Content-Length', '4'],
        body: Readable.from([Buffer.from('abcd')]),
      });
      await sent.answer;
      assert.deepEqual(packets, ['PUT / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd']);
      assert.equal(sent.isSent, true);
    });

    it('in chunks', async () => {
      onSocket = (socket) =>
        socket.on('data', (bytes: Buffer) => String(bytes).endsWith('0\r\n\r\n') && socket.write(OK));
      await send({
        method: 'PUT',
        body: Readable.from(['abc', 'x'.repeat(20)].map((part) => Buffer.from(part))),
      }).answer;
      assert.equal(bodyOf(), `3\r\nabc\r\n14\r\n${'x'.repeat(20)}\r\n0\r\n\r\n`);
    });

    it('no later than its head: an idle connection may be closed any time', async () => {
      const body = new Readable({ read() {} });
      const sent = send({ method: 'PUT', body });
      await eventually(() => assert.ok(upstream.received().startsWith('PUT / HTTP/1.1\r\n')));
      body.push(null);
      assert.equal((await sent.answer).body, 'ok');
    });

    it('without the empty pieces of it, each of which would end it', async () => {
      onSocket = (socket) =>
        socket.on('data', (bytes: Buffer) => String(bytes).endsWith('0\r\n\r\n') && socket.write(OK));
      const pieces = ['a', '', 'b'].map((piece) => Buffer.from(piece));
      await send({ method: 'PUT', body: Readable.from(pieces) }).answer;
      assert.equal(bodyOf(), '1\r\na\r\n1\r\nb\r\n0\r\n\r\n');
    });

    for (const [name, parts] of [
      ['longer', ['abc', 'de']],
      ['shorter', ['abc']],
    ] as const)
      it(`never one that is ${name} than its length`, async () => {
        onSocket = () => {};
        const body = Readable.from(parts.map((part) => Buffer.from(part)));
        await assert.rejects(
          send({ method: 'PUT', headers: ['Content-Length', '4'], body }).answer,
          UnsendableRequest,
        );
        await eventually(() => assert.equal(upstream.sockets.size, 0));
        assert.ok(bodyOf().length <= 4);
      });

    it('no faster than it is taken', async () => {
      let read = 0;
      const body = new Readable({
        read() {
          read += 1;
          this.push(Buffer.alloc(64 * 1024));
        },
      });
      onSocket = (socket) => void socket.pause();
      const sent = send({ method: 'PUT', body });
      await eventually(() => assert.equal(upstream.sockets.size, 1));
      let before = -1;
      await eventually(() => {
        const isStill = read === before && read > 0;
        before = read;
        assert.ok(isStill);
      });
      assert.ok(read < 1000, String(read));
      sent.flow?.abort();
    });
  });

  it('takes an answer no faster than it is wanted', async () => {
    const size = 64 * 1024 * 1024;
    onSocket = (socket) =>
      socket.on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        socket.write(Buffer.alloc(size));
      });
    const taken = send();
    await eventually(() => assert.ok(taken.head));
    taken.flow?.pause();
    const [socket] = upstream.sockets;
    const before = taken.bytes;
    await eventually(() => assert.ok((socket?.writableLength ?? 0) > 0));
    assert.ok(taken.bytes - before <= 64 * 1024, 'what was under way');
    taken.flow?.resume();
    assert.equal((await taken.answer).body.length, size);
  });

  it('ends a request that is aborted, and tells nothing more of it', async () => {
    onSocket = () => {};
    const sent = send();
    await eventually(() => assert.equal(upstream.sockets.size, 1));
    sent.flow?.abort();
    await eventually(() => assert.equal(upstream.sockets.size, 0));
    assert.equal(await Promise.race([sent.answer.catch(() => 'failed'), 'nothing']), 'nothing');
  });

  it('tells that there is no connection', async () => {
    const { port } = upstream;
    await upstream.close();
    pool = poolTo(port);
    await assert.rejects(send().answer, ConnectFailed);
    upstream = await startRawUpstream(() => {});
  });

  it('closes when the last request has ended', async () => {
    let answer = () => {};
    onSocket = (socket) =>
      socket.on('data', () => {
        answer = () => void socket.write(OK);
      });
    const sent = send();
    await eventually(() => assert.ok(upstream.received().includes('GET')));
    let isClosed = false;
    const closed = pool.close().then(() => {
      isClosed = true;
    });
    await once(Readable.from(['a turn']).resume(), 'end');
    assert.equal(isClosed, false);
    answer();
    assert.equal((await sent.answer).body, 'ok');
    await closed;
    assert.equal(isClosed, true);
  });
});
