/** Plain requests, which the gateway reads by itself, and what becomes of a connection when something else comes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { eventually } from '@hokusai/testing';
import { readPlainRequests } from '../src/http/plain/index.ts';
import { PlainAnswer } from '../src/http/plain/plain-answer.ts';
import { type RawConnection, rawConnection } from './support/raw-client.ts';

const get = (path: string, fields = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${fields}\r\n`;
const post = (path: string, length: number, body = '') =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n${body}`;

describe('a connection with plain requests', () => {
  let server: Server;
  let connection: RawConnection;
  /** Who has read each request. */
  let readers: string[];
  let errors: string[];
  /** The server's ends. */
  let sockets: Socket[];
  let serve: (request: IncomingMessage, answer: ServerResponse) => void;

  beforeEach(async () => {
    await listen();
  });
  afterEach(async () => {
    // One that is held up does not see that its client has gone.
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });

  async function listen({ headersTimeoutMs = 60_000, keepAliveMs = 60_000 } = {}): Promise<void> {
    [readers, errors, sockets] = [[], [], []];
    serve = (request, answer) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => give(answer, `${request.url} ${Buffer.concat(chunks)};`));
    };
    server = createServer((request, answer) => {
      readers.push(answer instanceof PlainAnswer ? 'we' : 'Node');
      serve(request, answer);
    });
    server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
      errors.push(error.code ?? '');
      socket.destroy();
    });
    const isServed = (url: string) => url.startsWith('/ours');
    readPlainRequests(server, { isServed, clock: { now: Date.now }, headersTimeoutMs, keepAliveMs });
    server.on('connection', (socket: Socket) => sockets.push(socket));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    connection = await rawConnection((server.address() as AddressInfo).port);
  }

  async function listenAgain(times: Parameters<typeof listen>[0]): Promise<void> {
    connection.socket.destroy();
    server.close();
    await listen(times);
  }

  function give(answer: ServerResponse, text: string): void {
    answer.writeHead(200, ['Content-Length', String(text.length)]);
    answer.end(Buffer.from(text));
  }

  /** Of the answers that came so far. */
  const bodies = () => connection.text().match(/\/[^;\r\n]*;/g) ?? [];
  const answered = (count: number) => eventually(() => assert.equal(bodies().length, count));

  it('has them read and answered here, one after the other', async () => {
    connection.send(get('/ours/1'));
    await answered(1);
    connection.send(post('/ours/2', 4, 'body'));
    await answered(2);
    assert.deepEqual(
      [bodies(), readers],
      [
        ['/ours/1 ;', '/ours/2 body;'],
        ['we', 'we'],
      ],
    );
  });

  it('takes a body in pieces, and what comes behind it as the next request', async () => {
    connection.send(post('/ours/1', 10, 'one, '));
    await eventually(() => assert.equal(readers.length, 1));
    connection.send(`two..${get('/ours/2')}`);
    await answered(2);
    assert.deepEqual(
      [bodies(), readers],
      [
        ['/ours/1 one, two..;', '/ours/2 ;'],
        ['we', 'we'],
      ],
    );
  });

  it('keeps what comes before an answer is whole until then', async () => {
    const answers: ServerResponse[] = [];
    serve = (_request, answer) => answers.push(answer);
    connection.send(get('/ours/1') + get('/ours/2'));
    connection.send(get('/ours/3'));
    await eventually(() => assert.equal(answers.length, 1));
    for (const number of [1, 2, 3]) {
      await eventually(() => assert.equal(answers.length, number));
      give(answers.at(-1) as ServerResponse, `/${number};`);
    }
    await answered(3);
    assert.deepEqual(bodies(), ['/1;', '/2;', '/3;']);
  });

  it('stands thousands of them at a time', async () => {
    const count = 5000;
    connection.send(Array.from({ length: count }, (_, index) => get(`/ours/${index}`)).join(''));
    await answered(count);
    assert.ok(bodies().every((body, index) => body === `/ours/${index} ;`));
  });

  for (const [what, bytes] of Object.entries({
    'a path of others': get('/theirs'),
    'a field twice': get('/ours', 'Accept: a\r\nAccept: b\r\n'),
    'a body in chunks': `POST /ours HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n`,
  }))
    it(`is left to Node with ${what}, from its first byte on`, async () => {
      connection.send(get('/ours/1'));
      await answered(1);
      connection.send(bytes);
      await answered(2);
      connection.send(get('/ours/3'));
      await answered(3);
      assert.deepEqual(readers, ['we', 'Node', 'Node']);
      assert.match(bodies()[1] as string, what.endsWith('chunks') ? /^\/ours ab;/ : /^\/(?:ours|theirs) ;/);
    });

  it('is left to Node with what stands behind a plain one', async () => {
    connection.send(get('/ours/1') + get('/theirs') + get('/ours/3'));
    await answered(3);
    assert.deepEqual(
      [bodies(), readers],
      [
        ['/ours/1 ;', '/theirs ;', '/ours/3 ;'],
        ['we', 'Node', 'Node'],
      ],
    );
  });

  it('is left to Node with a head that comes in pieces', async () => {
    const [first, second] = [get('/ours').slice(0, 20), get('/ours').slice(20)];
    connection.send(first);
    await eventually(() => assert.equal(sockets[0]?.bytesRead, first.length));
    connection.send(second);
    await answered(1);
    assert.deepEqual(bodies(), ['/ours ;']);
  });

  it('is left to Node with what can not be read, which says so', async () => {
    connection.send('NONSENSE\r\n\r\n');
    await connection.closed();
    assert.deepEqual([readers, errors], [[], ['HPE_INVALID_METHOD']]);
  });

  it('ends with an answer that says so', async () => {
    serve = (_request, answer) => {
      answer.shouldKeepAlive = false;
      give(answer, '/last;');
    };
    connection.send(get('/ours/1') + get('/ours/2'));
    assert.match(await connection.closed(), /^HTTP\/1\.1 200 OK.*Connection: close\r\n\r\n\/last;$/s);
    assert.equal(readers.length, 1);
  });

  it('ends when the client sends no more, and tells what was cut short', async () => {
    connection.send(get('/ours/1'));
    await answered(1);
    connection.socket.end();
    await connection.closed();
    assert.deepEqual(errors, []);
    await listenAgain({});
    connection.send(post('/ours/1', 10, 'half'));
    await eventually(() => assert.equal(readers.length, 1));
    connection.socket.end();
    await connection.closed();
    assert.deepEqual(errors, ['HPE_INVALID_EOF_STATE']);
  });

  it('ends when no first head comes in time, and when no other request does', async () => {
    await listenAgain({ headersTimeoutMs: 100 });
    await connection.closed();
    assert.deepEqual(errors, ['ERR_HTTP_REQUEST_TIMEOUT']);
    await listenAgain({ keepAliveMs: 100 });
    connection.send(get('/ours/1'));
    assert.match(await connection.closed(), /ours\/1 ;$/);
    assert.deepEqual(errors, []);
  });

  it('tells whoever answers when the client leaves in the middle', async () => {
    const told: string[] = [];
    serve = (request, answer) => {
      request.on('close', () => told.push('request'));
      answer.on('close', () => told.push(`answer, finished: ${answer.writableFinished}`));
      answer.writeHead(200, []);
      answer.write(Buffer.from('part'));
    };
    connection.send(post('/ours/1', 10, 'half'));
    await connection.until(/part/);
    connection.socket.resetAndDestroy();
    await eventually(() => assert.deepEqual(told, ['answer, finished: false', 'request']));
  });

  it('takes in the rest of a body that was answered for the last time, and tells its end', async () => {
    let isOver = false;
    serve = (request, answer) => {
      request.on('end', () => {
        isOver = true;
      });
      answer.writeHead(413, ['Content-Length', '0', 'Connection', 'close']);
      // As whoever drains it does: the client sends everything before it reads.
      (answer.socket as Socket).destroySoon = () => request.resume();
      answer.end();
    };
    connection.send(post('/ours/1', 10, 'half'));
    await connection.until(/413/);
    connection.send('and it');
    await eventually(() => assert.equal(isOver, true));
  });

  it('holds a client up whose body nobody reads', async () => {
    serve = () => {};
    const whole = 64 * 1024 * 1024;
    connection.send(post('/ours/1', whole));
    connection.send(Buffer.alloc(whole));
    await eventually(() => assert.equal(readers.length, 1));
    await eventually(() => assert.ok(sockets[0]?.isPaused()));
    assert.ok((sockets[0]?.bytesRead ?? 0) < whole / 2, `${sockets[0]?.bytesRead} were read`);
  });
});
