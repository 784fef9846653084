/** The client of HTTP/1.1 against servers that do what they like with connections and bodies. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { eventually } from '@hokusai/testing';
import { ConnectFailed, UnsendableRequest } from '../src/http/http1/index.ts';
import { answering, Http1Ground, OK } from './support/http1-ground.ts';
import { startRawUpstream } from './support/upstream.ts';

describe('the client of HTTP/1.1', () => {
  let ground: Http1Ground;
  beforeEach(async () => {
    ground = new Http1Ground();
    await ground.open();
  });
  afterEach(() => ground.close());

  describe('uses a connection', () => {
    const twice = async () => {
      await ground.send().answer;
      await ground.send().answer;
      return ground.connected;
    };

    it('again', async () => assert.equal(await twice(), 1));

    it('for one request at a time', async () => {
      await Promise.all([ground.send().answer, ground.send().answer]);
      assert.equal(ground.connected, 2);
    });

    it('no more after an answer that says so', async () => {
      ground.onSocket = answering(OK.replace('\r\n', '\r\nConnection: close\r\n'));
      assert.equal(await twice(), 2);
    });

    it('no more after bytes behind the answer: they would be taken for the next one', async () => {
      ground.onSocket = answering(`${OK}HTTP/1.1 200 OK\r\n`);
      assert.equal(await twice(), 2);
      ground.onSocket = answering('HTTP/1.1 304 Not Modified\r\nContent-Length: 2\r\n\r\nok');
      assert.equal(await twice(), 4);
    });

    it('no more after bytes that nobody has asked for', async () => {
      await ground.send().answer;
      const [socket] = ground.upstream.sockets;
      socket?.write(OK);
      await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
      await ground.send().answer;
      assert.equal(ground.connected, 2);
    });

    it('no more when it has been idle', async () => {
      await ground.send().answer;
      ground.clock.advance(4001);
      await ground.send().answer;
      assert.equal(ground.connected, 2);
    });

    it('for less time where the server says so, with a margin', async () => {
      ground.onSocket = answering(OK.replace('\r\n', '\r\nKeep-Alive: timeout=3\r\n'));
      await ground.send().answer;
      ground.clock.advance(1999);
      await ground.send().answer;
      assert.equal(ground.connected, 1);
      ground.clock.advance(2001);
      await ground.send().answer;
      assert.equal(ground.connected, 2);
      ground.onSocket = answering(OK.replace('\r\n', '\r\nKeep-Alive: timeout=1\r\n'));
      ground.clock.advance(5000);
      await twice();
      assert.equal(ground.connected, 4);
    });

    it('no more where the answer came before the whole request', async () => {
      const body = new Readable({ read() {} });
      body.push('ab');
      await ground.send({ method: 'POST', headers: ['Content-Length', '9'], body }).answer;
      assert.equal(body.destroyed, true);
      await ground.send().answer;
      assert.equal(ground.connected, 2);
    });
  });

  describe('sends a body', () => {
    const bodyOf = () => ground.upstream.received().split('\r\n\r\n').slice(1).join('\r\n\r\n');

    it('with its length, in one packet with the head', async () => {
      const packets: string[] = [];
      ground.onSocket = (socket) =>
        socket.on('data', (bytes: Buffer) => packets.push(String(bytes)) && socket.write(OK));
      const sent = ground.send({
        method: 'PUT',
        headers: ['Content-Length', '4'],
        body: Readable.from([Buffer.from('abcd')]),
      });
      await sent.answer;
      assert.deepEqual(packets, ['PUT / HTTP/1.1\r\nContent-Length: 4\r\n\r\nabcd']);
      assert.equal(sent.isSent, true);
    });

    it('in chunks', async () => {
      ground.onSocket = (socket) =>
        socket.on('data', (bytes: Buffer) => String(bytes).endsWith('0\r\n\r\n') && socket.write(OK));
      await ground.send({
        method: 'PUT',
        body: Readable.from(['abc', 'x'.repeat(20)].map((part) => Buffer.from(part))),
      }).answer;
      assert.equal(bodyOf(), `3\r\nabc\r\n14\r\n${'x'.repeat(20)}\r\n0\r\n\r\n`);
    });

    it('no later than its head: an idle connection may be closed any time', async () => {
      const body = new Readable({ read() {} });
      const sent = ground.send({ method: 'PUT', body });
      await eventually(() => assert.ok(ground.upstream.received().startsWith('PUT / HTTP/1.1\r\n')));
      body.push(null);
      assert.equal((await sent.answer).body, 'ok');
    });

    it('without the empty pieces of it, each of which would end it', async () => {
      ground.onSocket = (socket) =>
        socket.on('data', (bytes: Buffer) => String(bytes).endsWith('0\r\n\r\n') && socket.write(OK));
      const pieces = ['a', '', 'b'].map((piece) => Buffer.from(piece));
      await ground.send({ method: 'PUT', body: Readable.from(pieces) }).answer;
      assert.equal(bodyOf(), '1\r\na\r\n1\r\nb\r\n0\r\n\r\n');
    });

    for (const [name, parts] of [
      ['longer', ['abc', 'de']],
      ['shorter', ['abc']],
    ] as const)
      it(`never one that is ${name} than its length`, async () => {
        ground.onSocket = () => {};
        const body = Readable.from(parts.map((part) => Buffer.from(part)));
        await assert.rejects(
          ground.send({ method: 'PUT', headers: ['Content-Length', '4'], body }).answer,
          UnsendableRequest,
        );
        await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
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
      ground.onSocket = (socket) => void socket.pause();
      const sent = ground.send({ method: 'PUT', body });
      await eventually(() => assert.equal(ground.upstream.sockets.size, 1));
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
    ground.onSocket = (socket) =>
      socket.on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`);
        socket.write(Buffer.alloc(size));
      });
    const taken = ground.send();
    await eventually(() => assert.ok(taken.head));
    taken.flow?.pause();
    const [socket] = ground.upstream.sockets;
    const before = taken.bytes;
    await eventually(() => assert.ok((socket?.writableLength ?? 0) > 0));
    assert.ok(taken.bytes - before <= 64 * 1024, 'what was under way');
    taken.flow?.resume();
    assert.equal((await taken.answer).body.length, size);
  });

  it('ends a request that is aborted, and tells nothing more of it', async () => {
    ground.onSocket = () => {};
    const sent = ground.send();
    await eventually(() => assert.equal(ground.upstream.sockets.size, 1));
    sent.flow?.abort();
    await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
    assert.equal(await Promise.race([sent.answer.catch(() => 'failed'), 'nothing']), 'nothing');
  });

  it('tells that there is no connection', async () => {
    const { port } = ground.upstream;
    await ground.upstream.close();
    ground.pool = ground.poolTo(port);
    await assert.rejects(ground.send().answer, ConnectFailed);
    ground.upstream = await startRawUpstream(() => {});
  });

  it('closes when the last request has ended', async () => {
    let answer = () => {};
    ground.onSocket = (socket) =>
      socket.on('data', () => {
        answer = () => void socket.write(OK);
      });
    const sent = ground.send();
    await eventually(() => assert.ok(ground.upstream.received().includes('GET')));
    let isClosed = false;
    const closed = ground.pool.close().then(() => {
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
