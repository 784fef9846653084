import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, createServer, type Server, Socket } from 'node:net';
import { freeSpent, freeWhatIsWritten } from './spent-chunks.ts';

const LARGE = 64 * 1024;

describe('freeSpent', () => {
  it('frees a large chunk that has its memory for itself', () => {
    const chunk = Buffer.alloc(LARGE);
    freeSpent(chunk);
    assert.equal(chunk.length, 0);
  });

  it('leaves what is a part of something, small, or shared with a thread', () => {
    const whole = Buffer.alloc(2 * LARGE);
    const kept = [
      whole.subarray(0, LARGE),
      whole.subarray(LARGE),
      Buffer.alloc(4096),
      new Uint8Array(new SharedArrayBuffer(LARGE)),
    ];
    const lengths = kept.map(({ length }) => length);
    for (const chunk of kept) freeSpent(chunk);
    assert.deepEqual(
      kept.map(({ length }) => length),
      lengths,
    );
  });
});

describe('freeWhatIsWritten', () => {
  let server: Server;
  let socket: Socket;
  let received: Buffer[];
  let ended: Promise<unknown>;

  beforeEach(async () => {
    received = [];
    server = createServer((peer) => {
      ended = once(
        peer.on('data', (chunk) => received.push(chunk)),
        'end',
      );
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    assert.ok(address !== null && typeof address === 'object');
    const accepted = once(server, 'connection');
    socket = connect(address.port, address.address);
    freeWhatIsWritten(socket);
    await Promise.all([accepted, once(socket, 'connect')]);
  });
  afterEach(() => {
    socket.destroy();
    server.close();
  });

  /** Large chunks, each of one letter. */
  const chunksOf = (letters: string) => [...letters].map((letter) => Buffer.alloc(LARGE, letter));

  async function end(): Promise<void> {
    socket.end();
    await ended;
  }

  it('frees chunks when they have been written, alone or several at a time', async () => {
    const chunks = chunksOf('abc');
    const written = new Promise((resolve) => socket.write(chunks[0] as Buffer, resolve));
    assert.equal(chunks[0]?.length, LARGE, 'not under the hands of who writes it');
    await written;
    socket.cork();
    socket.write('a head');
    for (const chunk of chunks.slice(1)) socket.write(chunk);
    socket.uncork();
    await end();
    const lines = Buffer.concat(received).toString();
    assert.equal(lines, `${'a'.repeat(LARGE)}a head${'b'.repeat(LARGE)}${'c'.repeat(LARGE)}`);
    assert.deepEqual(
      chunks.map(({ length }) => length),
      [0, 0, 0],
    );
  });

  it('frees no chunk that could not be written', async () => {
    const failing = new Socket();
    failing._write = (_chunk, _encoding, done) => done(new Error('broken'));
    freeWhatIsWritten(failing);
    const chunk = Buffer.alloc(LARGE);
    failing.on('error', () => {});
    await new Promise((resolve) => failing.write(chunk, resolve));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(chunk.length, LARGE);
    await end();
  });
});
