/** Requests and answers that have killed gateways. Any of them may cost one request, never the process. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { HokusaiError } from '@hokusai/contracts';
import { eventually } from '@hokusai/testing';
import { startGateway } from '../support/gateway.ts';
import { parseAnswer } from '../support/raw-client.ts';
import { ARTIFACT, type Ground, READ, WRITE } from './support/ground.ts';

export function killing(ground: Ground): void {
  describe('that kill the process', () => {
    trailers(ground);
    noHttp(ground);
    nonsenseOfUpstreams(ground);
    leavingClients(ground);
    leavingTunnels(ground);
    defects(ground);
  });
}

function trailers(ground: Ground): void {
  for (const version of ['1.1', '1.0']) {
    ground.trap(`a Trailer header in a GET of HTTP/${version}`, async () => {
      const lines = [
        'Host: x',
        'Connection: close',
        `Authorization: ${ground.key}`,
        'Trailer: x',
        'TE: trailers',
      ];
      const text = await ground.send(`GET ${READ} HTTP/${version}\r\n${lines.join('\r\n')}\r\n\r\n`);
      assert.equal(parseAnswer(text).status, 200, text);
    });

    ground.trap(`a Trailer header in an answer to HTTP/${version}`, async () => {
      ground.upstream.answer = (_, outgoing) => {
        outgoing.writeHead(200, { Trailer: 'X-Sum' });
        outgoing.write('whole');
        outgoing.addTrailers({ 'X-Sum': '1' });
        outgoing.end();
      };
      const lines = ['Host: x', 'Connection: close', `Authorization: ${ground.key}`, 'TE: trailers'];
      const text = await ground.send(`GET ${READ} HTTP/${version}\r\n${lines.join('\r\n')}\r\n\r\n`);
      assert.match(text, /^HTTP\/1\.1 200 .*whole/s);
    });
  }

  ground.trap('a Trailer header in an answer without chunks', async () => {
    ground.raw.onSocket = (socket) =>
      socket.on('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nTrailer: X-Sum\r\nContent-Length: 2\r\n\r\nok'),
      );
    const { status, body } = await ground.ask(`GET ${READ}`, [`Authorization: ${ground.testKey}`]);
    assert.deepEqual([status, body], [200, 'ok']);
  });
}

function noHttp(ground: Ground): void {
  const cases: [name: string, bytes: string | Buffer][] = [
    ['a TLS handshake', Buffer.from('16030100c8010000c40303', 'hex')],
    ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    ['HTTP/0.9', `GET ${READ}\r\n\r\n`],
    ['HTTP/2.0 in text', `GET ${READ} HTTP/2.0\r\nHost: x\r\n\r\n`],
    ['a version that there is not', `GET ${READ} HTTP/1.9\r\nHost: x\r\n\r\n`],
    ['NUL bytes', Buffer.alloc(4096)],
    ['another protocol', 'SSH-2.0-OpenSSH_9.0\r\n'],
    ['a method of 8 KiB', `${'A'.repeat(8192)} / HTTP/1.1\r\n\r\n`],
    ['a target of 100 KiB', `GET /mlflow/${'a'.repeat(100 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    ['a head of 100 KiB', `GET ${READ} HTTP/1.1\r\nX: ${'a'.repeat(100 * 1024)}\r\n\r\n`],
  ];
  for (const [name, bytes] of cases) {
    ground.trap(`${name} is answered with 4xx, and ends the connection`, async () => {
      const before = ground.upstream.heads.length;
      const { status } = parseAnswer(await ground.send(bytes));
      assert.ok(status >= 400 && status < 500, String(status));
      assert.equal(ground.upstream.heads.length, before);
    });
  }

  ground.trap('empty lines before a request', async () => {
    const request = `GET ${READ} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${ground.key}\r\n\r\n`;
    assert.equal(parseAnswer(await ground.send(`\r\n\r\n${request}`)).status, 200);
  });
}

function nonsenseOfUpstreams(ground: Ground): void {
  const cases: [name: string, bytes: string][] = [
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length beside chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    ],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100 * 1024)}`],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    ],
    ['a header that can not be sent on', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n'],
    ['a status that there is not', 'HTTP/1.1 099 Low\r\nContent-Length: 0\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n'],
  ];
  for (const [name, bytes] of cases) {
    ground.trap(`an upstream that answers ${name} is 502`, async () => {
      ground.raw.onSocket = (socket) => socket.on('data', () => socket.write(bytes, 'latin1'));
      const { status } = await ground.ask(`POST ${WRITE}`, [`Authorization: ${ground.testKey}`], '{}');
      assert.equal(status, 502);
    });
  }

  ground.trap('an upstream that answers a reason that can not be sent on', async () => {
    ground.raw.onSocket = (socket) =>
      socket.on('data', () =>
        socket.write('HTTP/1.1 200 caf\xe9\x80\r\nContent-Length: 2\r\n\r\nok', 'latin1'),
      );
    const { status, body } = await ground.ask(`GET ${READ}`, [`Authorization: ${ground.testKey}`]);
    assert.deepEqual([status, body], [200, 'ok']);
  });
}

function leavingClients(ground: Ground): void {
  const head = () => `PUT ${ARTIFACT} HTTP/1.1\r\nHost: x\r\nAuthorization: ${ground.key}\r\n`;
  const stages: [name: string, bytes: () => string, hasReached: boolean][] = [
    ['in the head', () => head(), false],
    ['in the body', () => `${head()}Content-Length: 10\r\n\r\nabc`, true],
    ['in a chunk', () => `${head()}Transfer-Encoding: chunked\r\n\r\nff\r\nabc`, true],
    ['while it waits', () => `${head().replace('PUT', 'GET')}\r\n`, true],
  ];
  for (const [name, bytes, hasReached] of stages) {
    ground.trap(`a client that resets its connection ${name}`, async () => {
      const before = ground.upstream.requests.length;
      ground.upstream.answer = (incoming) => void incoming.on('error', () => {}).resume();
      const connection = await ground.connect();
      connection.send(bytes());
      if (hasReached) await eventually(() => assert.equal(ground.upstream.requests.length, before + 1));
      connection.socket.resetAndDestroy();
      if (hasReached) await eventually(() => assert.ok(ground.upstream.requests[before]?.socket.destroyed));
    });
  }
}

/** Node takes its own listeners off such a connection: who answers on it has to bear that it breaks. */
function leavingTunnels(ground: Ground): void {
  for (const [name, bytes] of [
    ['CONNECT', 'CONNECT evil:443 HTTP/1.1\r\nHost: evil:443\r\n\r\n'],
    ['an upgrade', `GET ${READ} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`],
    ['something unreadable', 'NONSENSE\r\n\r\n'],
  ] as const) {
    ground.trap(`clients that reset their connections right after ${name}`, async () => {
      for (let time = 0; time < 50; time += 1) {
        const { socket } = await ground.connect();
        socket.write(bytes, () => socket.resetAndDestroy());
        await once(socket, 'close');
      }
    });
  }
}

/** In this process: a running gateway has no defect that could be asked for. */
function defects(ground: Ground): void {
  const broken = (thrown: () => Error) =>
    startGateway({
      upstreamUrl: ground.upstream.url,
      lookup: {
        find: () => {
          throw thrown();
        },
      },
    });

  ground.trap('an exception in a handler costs one request, gives nothing away and is logged', async () => {
    const gateway = await broken(() => new Error('secret detail'));
    try {
      const response = await fetch(gateway.url + READ, { headers: { 'x-api-key': gateway.key.key } });
      assert.equal(response.status, 500);
      assert.doesNotMatch(await response.text(), /secret detail/);
      assert.match(gateway.log.join(''), /secret detail/);
      assert.equal((await fetch(`${gateway.url}/mlflow/health`)).status, 200);
    } finally {
      await gateway.close();
    }
  });

  ground.trap('an exception in what answers exceptions costs one connection, and is logged', async () => {
    const trap: ProxyHandler<Error> = {
      get: (error, name) => (name === 'message' ? assert.fail('no message') : Reflect.get(error, name)),
    };
    const gateway = await broken(() => new Proxy(new HokusaiError('internal', 'x'), trap));
    try {
      await assert.rejects(fetch(gateway.url + READ, { headers: { 'x-api-key': gateway.key.key } }));
      assert.match(gateway.log.join(''), /could not be served/);
      assert.equal((await fetch(`${gateway.url}/mlflow/health`)).status, 200);
    } finally {
      await gateway.close();
    }
  });
}
