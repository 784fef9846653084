/** Bodies of any size and shape, both ways. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { eventually, growthDuring } from '@hokusai/testing';
import { startGateway } from '../support/gateway.ts';
import { parseAnswer } from '../support/raw-client.ts';
import { ARTIFACT, type Ground, READ, WRITE } from './support/ground.ts';

const MIB = 1024 * 1024;
const LARGE = 160 * MIB;
/** What a body of any size may cost the gateway. */
const MEMORY_BOUND = 112 * MIB;
/** What the kernel takes for two connections, of up to 32 MiB each, and a little for the buffers in between. */
const BUFFERS = 100 * MIB;

export function bodies(ground: Ground): void {
  describe('of bodies', () => {
    large(ground);
    pieces(ground);
    none(ground);
    asTheyAre(ground);
    continued(ground);
    early(ground);
    interim(ground);
  });
}

/** A request with the key, by Node's client: for what would be tedious to read from raw bytes. */
export function sendTo(port: number, key: string, method: string, path: string, headers: object = {}) {
  return request({ port, method, path, agent: false, headers: { authorization: key, ...headers } });
}

export async function responseOf(sent: ReturnType<typeof request>): Promise<IncomingMessage> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

export const textOf = async (response: IncomingMessage): Promise<string> =>
  (await response.toArray()).join('');

/** Answers with the number of bytes that came. */
export const count = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
  let bytes = 0;
  incoming
    .on('error', () => {})
    .on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
  incoming.on('end', () => outgoing.end(String(bytes)));
};

/** `bytes` in chunks of 1 MiB, made as they are read. */
export function zeros(bytes: number, onPushed: (bytes: number) => void = () => {}): Readable {
  const chunk = Buffer.alloc(MIB);
  let left = bytes;
  return new Readable({
    read() {
      left -= MIB;
      if (left >= 0) onPushed(MIB);
      this.push(left < 0 ? null : chunk);
    },
  });
}

/** Resolves with a number once it has stopped growing. */
async function settled(grown: () => number): Promise<number> {
  return await eventually(async () => {
    const before = grown();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(grown(), before);
    assert.ok(before > 0);
    return before;
  });
}

function large(ground: Ground): void {
  for (const framing of ['with a length', 'in chunks']) {
    ground.trap(`a large upload ${framing} costs no memory`, async () => {
      const requestId = `large-upload-${framing.replaceAll(' ', '-')}`;
      ground.upstream.answer = count;
      const growth = await growthDuring(ground.pid, async () => {
        const length = framing === 'with a length' ? { 'content-length': LARGE } : {};
        const headers = { ...length, 'x-request-id': requestId };
        const sent = sendTo(ground.port, ground.key, 'PUT', ARTIFACT, headers);
        zeros(LARGE).pipe(sent);
        assert.equal(await textOf(await responseOf(sent)), String(LARGE));
      });
      assert.ok(growth < MEMORY_BOUND, `grew by ${Math.round(growth / MIB)} MiB`);
      assert.equal((await ground.usageOf(requestId)).bytes_in, LARGE);
    });

    ground.trap(`a large download ${framing} costs no memory, though the client pauses`, async () => {
      const requestId = `large-download-${framing.replaceAll(' ', '-')}`;
      let pushed = 0;
      ground.upstream.answer = (_, outgoing) => {
        if (framing === 'with a length') outgoing.setHeader('Content-Length', LARGE);
        zeros(LARGE, (bytes) => {
          pushed += bytes;
        }).pipe(outgoing);
      };
      let received = 0;
      const growth = await growthDuring(ground.pid, async () => {
        const headers = { 'x-request-id': requestId };
        const response = await responseOf(sendTo(ground.port, ground.key, 'GET', ARTIFACT, headers).end());
        // Not a byte is read: so what the upstream can get rid of is bounded by the buffers on the way.
        const taken = await settled(() => pushed);
        assert.ok(taken < BUFFERS, `took ${taken / MIB} MiB in`);
        for await (const chunk of response) received += (chunk as Buffer).length;
      });
      assert.equal(received, LARGE);
      assert.equal((await ground.usageOf(requestId)).bytes_out, LARGE);
      assert.ok(growth < MEMORY_BOUND, `grew by ${Math.round(growth / MIB)} MiB`);
    });
  }

  ground.trap('an upload waits for an upstream that does not read', async () => {
    ground.upstream.answer = () => {};
    const sent = sendTo(ground.port, ground.key, 'PUT', ARTIFACT, { 'content-length': LARGE });
    let pushed = 0;
    zeros(LARGE, (bytes) => {
      pushed += bytes;
    }).pipe(sent);
    const taken = await settled(() => pushed);
    assert.ok(taken < BUFFERS, `took ${taken / MIB} MiB in`);
    sent.on('error', () => {}).destroy();
  });
}

function pieces(ground: Ground): void {
  ground.trap('100 000 tiny chunks arrive whole', async () => {
    ground.upstream.answer = count;
    const connection = await ground.connect();
    connection.send(ground.request(`PUT ${ARTIFACT}`, ['Transfer-Encoding: chunked']));
    connection.send('1\r\nx\r\n'.repeat(100_000));
    connection.send('0\r\n\r\n');
    assert.match(await connection.closed(), /\r\n100000$/);
  });

  ground.trap('100 000 tiny chunks come back whole', async () => {
    ground.raw.onSocket = (socket) =>
      socket.once('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
        socket.write(`${'1\r\nx\r\n'.repeat(100_000)}0\r\n\r\n`);
      });
    const response = await responseOf(sendTo(ground.port, ground.testKey, 'GET', ARTIFACT).end());
    assert.equal((await textOf(response)).length, 100_000);
  });

  ground.trap('a body in single bytes, and its head too', async () => {
    const connection = await ground.connect();
    connection.socket.setNoDelay(true);
    for (const byte of ground.request(`POST ${WRITE}`, [], 'abcd')) {
      connection.send(byte);
      await new Promise((resolve) => setImmediate(resolve));
    }
    assert.match(await connection.closed(), /"body":"abcd"/);
  });

  ground.trap('pieces go through one by one, both ways', async () => {
    ground.upstream.answer = (incoming, outgoing) => incoming.pipe(outgoing);
    const sent = sendTo(ground.port, ground.key, 'POST', '/mlflow/api/2.0/mlflow/runs/log-batch');
    sent.write('0,');
    const response = await responseOf(sent);
    response.setEncoding('utf8');
    let text = '';
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    for (let piece = 1; piece < 100; piece += 1) {
      sent.write(`${piece},`);
      while (!text.endsWith(`,${piece},`)) await once(response, 'data');
    }
    sent.end();
    await once(response, 'end');
    assert.equal(text.split(',').length, 101);
  });

  ground.trap('the head of a stream of events does not wait for the first event', async () => {
    let outgoing: ServerResponse | undefined;
    ground.upstream.answer = (_, response) => {
      outgoing = response;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
    };
    const response = await responseOf(
      sendTo(ground.port, ground.key, 'GET', '/mlflow/api/3.0/mlflow/traces/x').end(),
    );
    assert.equal(response.headers['content-type'], 'text/event-stream');
    outgoing?.end('data: 1\n\n');
    assert.equal(await textOf(response), 'data: 1\n\n');
  });
}

/** Answers to which there is no body, whatever an upstream sends after them. */
function none(ground: Ground): void {
  const cases: [name: string, method: string, answer: string][] = [
    ['HEAD with a body', 'HEAD', 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nbad'],
    ['204 with a body', 'GET', 'HTTP/1.1 204 No Content\r\n\r\nbad'],
    ['204 with a length', 'GET', 'HTTP/1.1 204 No Content\r\nContent-Length: 3\r\n\r\nbad'],
    ['304 with a body', 'GET', 'HTTP/1.1 304 Not Modified\r\nETag: "a"\r\nContent-Length: 3\r\n\r\nbad'],
  ];
  for (const [name, method, answer] of cases) {
    ground.trap(`${name}, which no other request gets to see`, async () => {
      let connections = 0;
      ground.raw.onSocket = (socket) => {
        connections += 1;
        const next = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\ngood';
        socket.on('data', () => socket.write(connections === 1 ? answer : next));
      };
      const key = [`Authorization: ${ground.testKey}`];
      const text = await ground.send(ground.request(`${method} ${READ}`, [...key, 'If-None-Match: "a"']));
      assert.doesNotMatch(text, /bad/);
      const status = parseAnswer(text).status;
      assert.ok([Number(answer.split(' ')[1]), 502].includes(status), text);
      assert.equal((await ground.ask(`GET ${READ}`, key)).body, 'good');
    });
  }

  ground.trap('a proper HEAD keeps the length of what was not sent', async () => {
    ground.upstream.answer = (_, outgoing) => outgoing.writeHead(200, { 'Content-Length': '1234' }).end();
    const text = await ground.send(ground.request(`HEAD ${READ}`));
    assert.match(text, /^HTTP\/1\.1 200 OK\r\n.*\r\nContent-Length: 1234\r\n.*\r\n\r\n$/s);
  });

  ground.trap('a HEAD that we refuse has no body', async () => {
    const text = await ground.send(ground.request(`HEAD ${READ}`, ['X-API-Key: none']));
    assert.match(text, /^HTTP\/1\.1 401 .*\r\n\r\n$/s);
  });

  for (const status of [204, 304]) {
    ground.trap(`a proper ${status} has no body and keeps its ETag`, async () => {
      ground.upstream.answer = (incoming, outgoing) => {
        assert.equal(incoming.headers['if-none-match'], '"a"');
        outgoing.writeHead(status, { ETag: '"a"' }).end();
      };
      const text = await ground.send(ground.request(`GET ${READ}`, ['If-None-Match: "a"']));
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} .*\r\nETag: "a"\r\n.*\r\n\r\n$`, 's'));
    });
  }
}

function asTheyAre(ground: Ground): void {
  ground.trap('a compressed part of an answer stays compressed, and a part', async () => {
    ground.upstream.answer = (incoming, outgoing) => {
      const { range, 'accept-encoding': encoding } = incoming.headers;
      const headers = {
        'Content-Range': 'bytes 0-3/9',
        'Content-Encoding': 'gzip',
        'X-Got': `${range} ${encoding}`,
      };
      outgoing.writeHead(206, headers).end('\x1f\x8b\x00\xff', 'latin1');
    };
    const { status, headers, body } = await ground.ask(`GET ${ARTIFACT}`, [
      'Range: bytes=0-3',
      'Accept-Encoding: gzip',
    ]);
    assert.equal(status, 206);
    assert.equal(headers['content-range'], 'bytes 0-3/9');
    assert.equal(headers['content-encoding'], 'gzip');
    assert.equal(headers['x-got'], 'bytes=0-3 gzip');
    assert.ok(body.includes('\x1f\x8b\x00\xff'));
  });

  ground.trap('a compressed upload stays compressed', async () => {
    const body = gzipSync('{"a":1}').toString('latin1');
    const { status } = await ground.ask(`POST ${WRITE}`, ['Content-Encoding: gzip'], body);
    assert.equal(status, 200);
    assert.equal(ground.upstream.requests.at(-1)?.headers['content-encoding'], 'gzip');
    assert.ok(ground.upstream.received().includes(body));
  });

  ground.trap('trailers of an answer get to those who take them', async () => {
    ground.upstream.answer = (_, outgoing) => {
      outgoing.writeHead(200, { Trailer: 'X-Sum' });
      outgoing.write('x');
      outgoing.addTrailers({ 'X-Sum': '1', 'Set-Cookie': 'a=b' });
      outgoing.end();
    };
    const taken = await ground.send(ground.request(`GET ${ARTIFACT}`, ['Connection: TE', 'TE: trailers']));
    assert.match(taken, /\r\n0\r\nX-Sum: 1\r\n\r\n$/);
    const left = await ground.send(ground.request(`GET ${ARTIFACT}`));
    assert.match(left, /\r\n0\r\n\r\n$/);
  });

  ground.trap('HTTP/1.0 gets no chunks', async () => {
    ground.upstream.answer = (_, outgoing) => {
      outgoing.write('a');
      outgoing.end('b');
    };
    const text = await ground.send(ground.request(`GET ${ARTIFACT}`).replace('HTTP/1.1', 'HTTP/1.0'));
    assert.equal(parseAnswer(text).body, 'ab');
  });

  ground.trap('an answer that ends with its connection is whole', async () => {
    ground.raw.onSocket = (socket) =>
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'));
    const response = await responseOf(sendTo(ground.port, ground.testKey, 'GET', ARTIFACT).end());
    assert.equal(await textOf(response), 'until the end');
  });
}

function continued(ground: Ground): void {
  ground.trap('Expect: 100-continue starts the body when the upstream takes it', async () => {
    ground.upstream.answer = count;
    const connection = await ground.connect();
    connection.send(ground.request(`PUT ${ARTIFACT}`, ['Expect: 100-continue', 'Content-Length: 4']));
    assert.equal(await connection.until(/\r\n\r\n/), 'HTTP/1.1 100 Continue\r\n\r\n');
    connection.send('abcd');
    assert.match(await connection.closed(), /HTTP\/1\.1 200 OK.*\r\n4$/s);
  });

  ground.trap(
    'Expect: 100-continue does not start the body where the upstream can not be reached',
    async () => {
      const orphan = await startGateway({ upstreamUrl: 'http://127.0.0.1:9' });
      try {
        const lines = ['Expect: 100-continue', 'Content-Length: 4', `Authorization: ${orphan.key.key}`];
        const text = await ground.send(ground.request(`PUT ${ARTIFACT}`, lines), orphan.port);
        assert.match(text, /^HTTP\/1\.1 503 /);
      } finally {
        await orphan.close();
      }
    },
  );

  ground.trap('Expect: 100-continue is refused before the body, and the connection ends', async () => {
    const text = await ground.send(
      `PUT ${ARTIFACT} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n`,
    );
    assert.match(text, /^HTTP\/1\.1 401 .*\r\nConnection: close\r\n/s);
  });

  ground.trap('an expectation that can not be met is 417', async () => {
    const connection = await ground.connect();
    connection.send(`PUT ${WRITE} HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nExpect: miracles\r\n\r\n`);
    assert.equal(parseAnswer(await connection.until(/\}\n$/)).status, 417);
    connection.socket.destroy();
  });
}

/** Answers that do not wait for the end of the upload. */
function early(ground: Ground): void {
  const refuseUpload = async (keepsAlive: boolean) => {
    ground.upstream.answer = (_, outgoing) => {
      outgoing.shouldKeepAlive = keepsAlive;
      outgoing.writeHead(413).end('too much');
    };
    const sent = sendTo(ground.port, ground.key, 'PUT', ARTIFACT, { 'content-length': 30 * MIB });
    sent.on('error', () => {});
    zeros(30 * MIB).pipe(sent);
    const response = await responseOf(sent);
    return { status: response.statusCode, text: await textOf(response) };
  };

  ground.trap('an early answer of the upstream can be read in mid-upload', async () => {
    assert.deepEqual(await refuseUpload(true), { status: 413, text: 'too much' });
  });

  ground.trap('an upload is answered also where the upstream hangs up early', async () => {
    // Its answer may be lost with the connection.
    const { status } = await refuseUpload(false);
    assert.ok(status === 413 || status === 502, String(status));
  });

  ground.trap('an upload goes on after an early answer if the upstream reads on', async () => {
    ground.upstream.answer = (incoming, outgoing) => {
      outgoing.write('first;');
      let bytes = 0;
      incoming.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
      });
      incoming.on('end', () => outgoing.end(`then ${bytes}`));
    };
    const sent = sendTo(ground.port, ground.key, 'POST', '/mlflow/api/2.0/mlflow/runs/log-batch');
    sent.write('ab');
    const response = await responseOf(sent);
    sent.end('cd');
    assert.equal(await textOf(response), 'first;then 4');
  });

  ground.trap('our own early answer can be read by a client that sends all of its body first', async () => {
    const connection = await ground.connect();
    const size = 20 * MIB;
    connection.send(`PUT ${ARTIFACT} HTTP/1.1\r\nHost: x\r\nContent-Length: ${size}\r\n\r\n`);
    for (let sent = 0; sent < size; sent += MIB) connection.send(Buffer.alloc(MIB));
    connection.send('GET /mlflow/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    assert.match(await connection.closed(), /^HTTP\/1\.1 401 .*HTTP\/1\.1 200 /s);
  });

  ground.trap('our own early answer to a body without end can be read, and not all is drained', async () => {
    const connection = await ground.connect();
    connection.send(`PUT ${ARTIFACT} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000000\r\n\r\n`);
    const { socket } = connection;
    const chunk = Buffer.alloc(MIB);
    const pump = () => {
      while (!socket.destroyed && socket.write(chunk));
    };
    socket.on('drain', pump);
    pump();
    assert.match(await connection.until(/\r\n\r\n\{.*\}\n/), /^HTTP\/1\.1 401 /);
    await connection.closed();
    assert.ok(socket.bytesWritten < 200 * MIB, String(socket.bytesWritten));
  });
}

/** 1xx answers concern one connection only. */
function interim(ground: Ground): void {
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  const answers: [name: string, bytes: string][] = [
    ['103 Early Hints', `HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}`],
    ['102 Processing', `HTTP/1.1 102 Processing\r\n\r\n${OK}`],
    ['many of them', `${'HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n'.repeat(50)}${OK}`],
  ];
  for (const [name, bytes] of answers) {
    ground.trap(`an interim answer: ${name}`, async () => {
      ground.raw.onSocket = (socket: Socket) => socket.on('data', () => socket.write(bytes));
      const text = await ground.send(ground.request(`GET ${READ}`, [`Authorization: ${ground.testKey}`]));
      assert.match(text, /^HTTP\/1\.1 200 .*ok$/s);
    });
  }
  ground.trap(
    'an interim answer: 100 Continue that nobody asked for, which undici takes for a defect',
    async () => {
      ground.raw.onSocket = (socket) =>
        socket.on('data', () => socket.write(`HTTP/1.1 100 Continue\r\n\r\n${OK}`));
      const { status } = await ground.ask(`GET ${READ}`, [`Authorization: ${ground.testKey}`]);
      assert.ok(status === 200 || status === 502, String(status));
    },
  );
}
