/** Bodies of any size and shape, both ways. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { eventually, growthDuring } from '@hokusai/testing';
import { parseAnswer } from '../support/raw-client.ts';
import { count, MIB, responseOf, sendTo, textOf, zeros } from './support/bodies.ts';
import { ARTIFACT, type Ground, READ, WRITE } from './support/ground.ts';

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
