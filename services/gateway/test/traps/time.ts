/** Clients and upstreams that are slow, stop, or leave. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { eventually } from '@hokusai/testing';
import { startGateway } from '../support/gateway.ts';
import { parseAnswer, rawConnection } from '../support/raw-client.ts';
import { count, MIB, responseOf, sendTo, textOf, zeros } from './support/bodies.ts';
import { ARTIFACT, type GatewayProcess, type Ground, READ, WRITE } from './support/ground.ts';

const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
/** Of the gateway that has little patience. A body that moves has any time. */
const BODY_IDLE_MS = 1000;
const RESPONSE_MS = 2000;
const STEP_MS = 100;
/** More of them, where a machine that stands still for a second would be taken for a slow client. */
const TRIES = 2;

export function time(ground: Ground): void {
  describe('of time', () => {
    let impatient: GatewayProcess;

    before(async () => {
      impatient = await ground.startGateway({
        BODY_IDLE_TIMEOUT_MS: String(BODY_IDLE_MS),
        UPSTREAM_RESPONSE_TIMEOUT_MS: String(RESPONSE_MS),
      });
    });

    slowClients(ground, () => impatient.port);
    slowUpstreams(ground, () => impatient.port);
    leavers(ground);
    idlers(ground);
  });
}

/** Calls `step` every STEP_MS with 1, 2, … `times`. */
function paced(times: number, step: (count: number) => void): void {
  let count = 0;
  const timer = setInterval(() => {
    count += 1;
    step(count);
    if (count === times) clearInterval(timer);
  }, STEP_MS);
}

function slowClients(ground: Ground, port: () => number): void {
  ground.trap('a head that never ends', async () => {
    // In this process, where the 30 s can be shortened.
    const gateway = await startGateway({ upstreamUrl: ground.upstream.url });
    try {
      gateway.server.headersTimeout = 100;
      const connection = await rawConnection(gateway.port);
      connection.send('GET /mlflow/health HTTP/1.1\r\nHost: x\r\nX-Slow: ');
      const trickle = setInterval(() => connection.send('x'), STEP_MS);
      const text = await connection.closed();
      clearInterval(trickle);
      assert.match(text, /^HTTP\/1\.1 408 .*"request_id"/s);
    } finally {
      await gateway.close();
    }
  });

  ground.trap('a body that is slow but moves is waited for', async function () {
    this.retries(TRIES);
    const connection = await ground.connect(port());
    connection.send(ground.request(`POST ${WRITE}`, ['Content-Length: 15']));
    paced(15, (step) => connection.send(step === 15 ? 'z' : 'y'));
    assert.match(await connection.closed(), /^HTTP\/1\.1 200 .*y{14}z/s);
  });

  ground.trap('a body that stops is 408, and its request is cancelled', async () => {
    const before = ground.upstream.requests.length;
    const text = await ground.send(
      `${ground.request(`POST ${WRITE}`, ['Content-Length: 12', 'X-Request-ID: stopped-body'])}abc`,
      port(),
    );
    assert.match(text, /^HTTP\/1\.1 408 .*request_timeout/s);
    await eventually(() => assert.equal(ground.upstream.requests[before]?.socket.destroyed, true));
    assert.equal((await ground.usageOf('stopped-body')).status_code, 408);
  });

  ground.trap('a chunk that stops is 408', async () => {
    const text = await ground.send(
      `${ground.request(`POST ${WRITE}`, ['Transfer-Encoding: chunked'])}ff\r\nabc`,
      port(),
    );
    assert.match(text, /^HTTP\/1\.1 408 /);
  });

  ground.trap('a client that stops reading is cut off, and so is the upstream', async () => {
    const before = ground.upstream.requests.length;
    ground.upstream.answer = (_, outgoing) =>
      void zeros(300 * MIB)
        .pipe(outgoing)
        .on('error', () => {});
    const connection = await ground.connect(port());
    connection.send(ground.request(`GET ${READ}`, ['X-Request-ID: stopped-reading']));
    await connection.until(/200 OK/);
    connection.socket.pause();
    await eventually(() => assert.equal(ground.upstream.requests[before]?.socket.destroyed, true));
    assert.ok((await ground.usageOf('stopped-reading')).bytes_out < 300 * MIB);
    connection.socket.destroy();
  });
}

function slowUpstreams(ground: Ground, port: () => number): void {
  const ask = (requestLine: string, body = '') =>
    ground.send(ground.request(requestLine, [`Authorization: ${ground.testKey}`], body), port());

  ground.trap('an upstream that is slow to answer is 504, and the request is cancelled', async () => {
    let taken: Socket | undefined;
    ground.raw.onSocket = (socket) => {
      taken = socket;
    };
    assert.match(await ask(`GET ${READ}`), /^HTTP\/1\.1 504 .*DEADLINE_EXCEEDED/s);
    await eventually(() => assert.equal(taken?.destroyed, true));
  });

  ground.trap('an upstream has its time to answer from the end of the body', async function () {
    this.retries(TRIES);
    let answerAfterMs = 1.5 * BODY_IDLE_MS;
    ground.raw.onSocket = (socket) =>
      socket.on('data', (chunk) => {
        if (chunk.includes('{}')) setTimeout(() => socket.write(OK), answerAfterMs);
      });
    assert.match(await ask(`POST ${WRITE}`, '{}'), /^HTTP\/1\.1 200 /);
    answerAfterMs = 1.5 * RESPONSE_MS;
    assert.match(await ask(`POST ${WRITE}`, '{}'), /^HTTP\/1\.1 504 /);
  });

  ground.trap('an upstream that stops reading is 504', async () => {
    ground.raw.onSocket = (socket) => void socket.pause();
    const headers = { 'content-length': 300 * MIB };
    const sent = sendTo(port(), ground.testKey, 'PUT', ARTIFACT, headers).on('error', () => {});
    zeros(300 * MIB).pipe(sent);
    assert.equal((await responseOf(sent)).statusCode, 504);
    sent.destroy();
  });

  ground.trap('an upstream that stops in the middle of its answer is cut off', async () => {
    ground.raw.onSocket = (socket) =>
      socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart'));
    const response = await responseOf(sendTo(port(), ground.testKey, 'GET', READ).end());
    await assert.rejects(textOf(response), { code: 'ECONNRESET' });
  });

  ground.trap('events that trickle may do so for longer than any time-out', async function () {
    this.retries(TRIES);
    ground.upstream.answer = (_, outgoing) => {
      outgoing.writeHead(200, { 'Content-Type': 'text/event-stream' });
      paced(25, (step) => (step === 25 ? outgoing.end('last') : outgoing.write('data: x\n\n')));
    };
    const response = await responseOf(sendTo(port(), ground.key, 'GET', READ).end());
    assert.match(await textOf(response), /^(data: x\n\n){24}last$/);
  });
}

function leavers(ground: Ground): void {
  ground.trap('a client that leaves in mid-upload: the request is cancelled, and metered once', async () => {
    let taken: IncomingMessage | undefined;
    ground.upstream.answer = (incoming) => {
      taken = incoming.on('error', () => {}).resume();
    };
    const headers = { 'content-length': 1000, 'x-request-id': 'left-upload' };
    const sent = sendTo(ground.port, ground.key, 'PUT', ARTIFACT, headers).on('error', () => {});
    sent.write('x');
    await eventually(() => assert.ok(taken));
    sent.destroy();
    await eventually(() => assert.equal(taken?.destroyed && !taken.complete, true));
    const { status_code, bytes_in, first_byte_ms } = await ground.usageOf('left-upload');
    assert.deepEqual([status_code, bytes_in, first_byte_ms], [499, 1, null]);
  });

  ground.trap('a client that leaves before the answer', async () => {
    let taken: ServerResponse | undefined;
    ground.upstream.answer = (_, outgoing) => {
      taken = outgoing;
    };
    const sent = sendTo(ground.port, ground.key, 'GET', READ, { 'x-request-id': 'left-waiting' });
    sent.on('error', () => {}).end();
    await eventually(() => assert.ok(taken));
    sent.destroy();
    await once(taken as unknown as ServerResponse, 'close');
    assert.equal((await ground.usageOf('left-waiting')).status_code, 499);
  });

  ground.trap('a client that leaves in mid-download', async () => {
    let taken: ServerResponse | undefined;
    ground.upstream.answer = (_, outgoing) => {
      taken = outgoing;
      zeros(300 * MIB)
        .pipe(outgoing)
        .on('error', () => {});
    };
    const sent = sendTo(ground.port, ground.key, 'GET', ARTIFACT, { 'x-request-id': 'left-download' }).end();
    const response = await responseOf(sent);
    await once(response, 'data');
    response.on('error', () => {});
    sent.destroy();
    await once(taken as unknown as ServerResponse, 'close');
    const { status_code, bytes_out } = await ground.usageOf('left-download');
    assert.equal(status_code, 200);
    assert.ok(bytes_out < 300 * MIB);
  });

  for (const [framing, headers] of [
    ['with a length', { 'Content-Length': '1000' }],
    ['in chunks', {}],
  ] as const) {
    ground.trap(
      `an upstream that closes in mid-download ${framing}: the client sees that it is not whole`,
      async () => {
        ground.upstream.answer = (_, outgoing) => {
          outgoing.writeHead(200, headers);
          outgoing.write('part', () => outgoing.destroy());
        };
        const response = await responseOf(sendTo(ground.port, ground.key, 'GET', ARTIFACT).end());
        await assert.rejects(textOf(response), { code: 'ECONNRESET' });
      },
    );
  }

  ground.trap('an upstream that closes before it answers is 502, and a POST is not repeated', async () => {
    const before = ground.raw.heads.length;
    ground.raw.onSocket = (socket) => socket.once('data', () => socket.destroy());
    const { status } = await ground.ask(`POST ${WRITE}`, [`Authorization: ${ground.testKey}`], '{}');
    assert.equal(status, 502);
    assert.equal(ground.raw.heads.length, before + 1);
  });
}

function idlers(ground: Ground): void {
  ground.trap('1 000 idle connections stand in nobody’s way', async () => {
    ground.upstream.answer = count;
    const idle = await Promise.all(Array.from({ length: 1000 }, () => rawConnection(ground.port)));
    try {
      const sent = sendTo(ground.port, ground.key, 'PUT', ARTIFACT, { 'content-length': 4 });
      sent.end('abcd');
      assert.equal(await textOf(await responseOf(sent)), '4');
    } finally {
      for (const { socket } of idle) socket.destroy();
    }
  });

  ground.trap('1 000 unfinished heads stand in nobody’s way', async () => {
    const slow = await Promise.all(Array.from({ length: 1000 }, () => rawConnection(ground.port)));
    try {
      for (const connection of slow) connection.send(`GET ${READ} HTTP/1.1\r\nHost: x\r\nX-Slow: `);
      assert.equal(parseAnswer(await ground.send(ground.request(`GET ${READ}`))).status, 200);
    } finally {
      for (const { socket } of slow) socket.destroy();
    }
  });
}
