/** Answers that begin before the request has ended, or before they are what was asked for. */
import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { startGateway } from '../support/gateway.ts';
import { parseAnswer } from '../support/raw-client.ts';
import { count, MIB, responseOf, sendTo, textOf, zeros } from './support/bodies.ts';
import { ARTIFACT, type Ground, READ, WRITE } from './support/ground.ts';

export function answers(ground: Ground): void {
  describe('of answers', () => {
    continued(ground);
    early(ground);
    interim(ground);
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

  ground.trap('an early answer does not reset a connection that ends with it', async () => {
    ground.upstream.answer = (_, outgoing) => outgoing.writeHead(413).end('too much');
    const connection = await ground.connect();
    const errors: Error[] = [];
    connection.socket.on('error', (error) => errors.push(error));
    const size = 20 * MIB;
    connection.send(ground.request(`PUT ${ARTIFACT}`, [`Content-Length: ${size}`]));
    connection.send(Buffer.alloc(MIB));
    await connection.until(/too much/);
    for (let sent = MIB; sent < size; sent += MIB) connection.send(Buffer.alloc(MIB));
    assert.match(await connection.closed(), /^HTTP\/1\.1 413 .*\r\nConnection: close\r\n.*too much/is);
    assert.deepEqual(errors, []);
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
    ['100 Continue that nobody asked for', `HTTP/1.1 100 Continue\r\n\r\n${OK}`],
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
}
