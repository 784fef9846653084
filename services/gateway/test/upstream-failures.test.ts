/** An upstream that is down, slow, breaks off or comes back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';
import { eventually } from '@hokusai/testing';
import { startGateway, type TestGateway, type TestGatewayOptions } from './support/gateway.ts';
import { rawConnection } from './support/raw-client.ts';
import { startHttpUpstream, startRawUpstream, type TestUpstream } from './support/upstream.ts';

const READ = '/mlflow/api/2.0/mlflow/runs/get';
const WRITE = '/mlflow/api/2.0/mlflow/runs/create';
const STEP = 4 * 1024 * 1024;
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

describe('an upstream', () => {
  let gateway: TestGateway | undefined;
  let upstream: TestUpstream | undefined;

  afterEach(async () => {
    await gateway?.close();
    await upstream?.close();
    gateway = undefined;
    upstream = undefined;
  });

  /** A gateway in front of a server that gets each connection and its bytes. */
  async function inFrontOf(
    onSocket: (socket: Socket) => void,
    options: Partial<TestGatewayOptions> = {},
  ): Promise<{
    ask: (path?: string, init?: RequestInit) => Promise<Response>;
    gateway: TestGateway;
    upstream: TestUpstream;
  }> {
    const raw = await startRawUpstream(onSocket);
    const started = await startGateway({ upstreamUrl: raw.url, ...options });
    upstream = raw;
    gateway = started;
    return { ask: asking(started), gateway: started, upstream: raw };
  }

  const asking =
    ({ url, key }: TestGateway) =>
    (path = READ, init: RequestInit = {}) =>
      fetch(url + path, { ...init, headers: { authorization: `Bearer ${key.key}`, ...init.headers } });

  const problemOf = async (response: Response) => {
    const { type, error_code } = (await response.json()) as Record<string, string>;
    return { status: response.status, type: type?.replace('urn:hokusai:error:', ''), error_code };
  };

  it('that refuses connections is 503, to be tried again in 5 s', async () => {
    const gone = await startHttpUpstream(() => {});
    await gone.close();
    gateway = await startGateway({ upstreamUrl: gone.url });
    const response = await asking(gateway)();
    assert.equal(response.headers.get('retry-after'), '5');
    assert.deepEqual(await problemOf(response), {
      status: 503,
      type: 'upstream_unreachable',
      error_code: 'TEMPORARILY_UNAVAILABLE',
    });
    assert.equal(gateway.usage[0]?.status_code, 503);
    assert.equal(gateway.usage[0]?.refusal, null);
  });

  it('that does not accept a connection in time is 504', async () => {
    // A reserved address (RFC 5737): whatever is sent there is lost, or refused on the way.
    gateway = await startGateway({ upstreamUrl: 'http://192.0.2.1:9', timeouts: { connectMs: 300 } });
    const response = await asking(gateway)();
    assert.ok([503, 504].includes(response.status));
    await response.body?.cancel();
  });

  it('that breaks off before its answer is 502', async () => {
    const { ask } = await inFrontOf((socket) => socket.once('data', () => socket.destroy()));
    const response = await ask(WRITE, { method: 'POST', body: '{}' });
    assert.equal(response.headers.get('retry-after'), null);
    assert.deepEqual(await problemOf(response), {
      status: 502,
      type: 'upstream_broke_off',
      error_code: 'TEMPORARILY_UNAVAILABLE',
    });
  });

  const nonsense: [name: string, bytes: string][] = [
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    ['a head without an end', `HTTP/1.1 200 OK\r\nX: ${'x'.repeat(100 * 1024)}`],
    [
      'an upgrade that nobody asked for',
      'HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n',
    ],
    ['a header that can not be sent on', 'HTTP/1.1 200 OK\r\nX: a\x01b\r\nContent-Length: 0\r\n\r\n'],
  ];
  for (const [name, bytes] of nonsense) {
    it(`that answers ${name} is 502, and the gateway lives on`, async () => {
      let isSane = false;
      const { ask } = await inFrontOf((socket) =>
        socket.on('data', () => void socket.write(isSane ? OK : bytes, 'latin1')),
      );
      const response = await ask(WRITE, { method: 'POST', body: '{}' });
      assert.equal(response.status, 502);
      await response.body?.cancel();
      isSane = true;
      assert.equal((await ask()).status, 200);
    });
  }

  it('may send interim answers first', async () => {
    const { ask } = await inFrontOf((socket) =>
      socket.on('data', () => void socket.write(`HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n${OK}`)),
    );
    const response = await ask();
    assert.equal(response.status, 200);
    assert.equal(await response.text(), 'ok');
  });

  describe('that is slow', () => {
    it('to answer is 504, and its request is cancelled', async () => {
      let taken: Socket | undefined;
      const { ask } = await inFrontOf(
        (socket) => {
          taken = socket;
        },
        { timeouts: { responseMs: 200 } },
      );
      const response = await ask();
      assert.deepEqual(await problemOf(response), {
        status: 504,
        type: 'upstream_response_timeout',
        error_code: 'DEADLINE_EXCEEDED',
      });
      await eventually(() => assert.equal(taken?.destroyed, true));
    });

    it('to answer after a body has its time from the end of that', async () => {
      let answerAfterMs = 600;
      const { ask } = await inFrontOf(
        (socket) =>
          socket.on('data', (chunk) => {
            if (chunk.includes('{}')) setTimeout(() => socket.write(OK), answerAfterMs);
          }),
        { timeouts: { bodyIdleMs: 200, responseMs: 1200 } },
      );
      assert.equal((await ask(WRITE, { method: 'POST', body: '{}' })).status, 200);
      answerAfterMs = 2000;
      assert.equal((await ask(WRITE, { method: 'POST', body: '{}' })).status, 504);
    });

    it('to read a body is 504', async () => {
      const { gateway: started } = await inFrontOf((socket) => socket.pause(), {
        timeouts: { bodyIdleMs: 300 },
      });
      const sent = request({
        port: started.port,
        method: 'PUT',
        path: '/mlflow/api/2.0/mlflow-artifacts/artifacts/a',
        headers: { authorization: `Bearer ${started.key.key}`, 'content-length': 200 * 1024 * 1024 },
      }).on('error', () => {});
      const chunk = Buffer.alloc(1024 * 1024);
      const pump = () => {
        while (sent.write(chunk));
      };
      sent.on('drain', pump);
      pump();
      const status = await new Promise((resolve) =>
        sent.on('response', ({ statusCode }) => resolve(statusCode)),
      );
      assert.equal(status, 504);
      sent.destroy();
    });

    it('within its body is cut off', async () => {
      const { ask } = await inFrontOf(
        (socket) =>
          socket.once('data', () => socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\npart')),
        { timeouts: { bodyIdleMs: 200 } },
      );
      const response = await ask();
      assert.equal(response.status, 200);
      await assert.rejects(response.text());
    });

    it('but moves may take any time', async () => {
      const timeouts = { bodyIdleMs: 400, responseMs: 400 };
      const { ask } = await inFrontOf(
        (socket) =>
          socket.once('data', () => {
            socket.write('HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n');
            let left = 12;
            const timer = setInterval(() => {
              socket.write('x');
              left -= 1;
              if (left === 0) clearInterval(timer);
            }, 100);
          }),
        { timeouts },
      );
      assert.equal(await (await ask()).text(), 'x'.repeat(12));
    });
  });

  describe('waits', () => {
    it('for a slow client, if its body moves', async () => {
      const { gateway: started } = await inFrontOf(
        (socket) => socket.on('data', (chunk) => void (chunk.includes('z') && socket.write(OK))),
        { timeouts: { bodyIdleMs: 400, responseMs: 400 } },
      );
      const connection = await rawConnection(started.port);
      connection.send(
        `POST ${WRITE} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${started.key.key}\r\nContent-Length: 12\r\n\r\n`,
      );
      let left = 12;
      const timer = setInterval(() => {
        left -= 1;
        connection.send(left === 0 ? 'z' : 'y');
        if (left === 0) clearInterval(timer);
      }, 100);
      assert.match(await connection.closed(), /^HTTP\/1\.1 200 OK/);
    });

    it('no longer for one whose body stops: 408, and its request is cancelled', async () => {
      let taken: Socket | undefined;
      const { gateway: started } = await inFrontOf(
        (socket) => {
          taken = socket.resume();
        },
        { timeouts: { bodyIdleMs: 200 } },
      );
      const connection = await rawConnection(started.port);
      connection.send(
        `POST ${WRITE} HTTP/1.1\r\nHost: x\r\nAuthorization: ${started.key.key}\r\nContent-Length: 12\r\n\r\nabc`,
      );
      const text = await connection.closed();
      assert.match(text, /^HTTP\/1\.1 408 .*request_timeout/s);
      await eventually(() => assert.equal(taken?.destroyed, true));
      const [usage] = started.usage;
      assert.deepEqual([usage?.status_code, usage?.refusal], [408, 'request_timeout']);
      // It is no outage.
      assert.doesNotMatch(started.log.join(''), /could not be served/);
    });

    it('for one who reads slowly, if the answer moves', async () => {
      const bytes = 48 * 1024 * 1024;
      const { gateway: started } = await inFrontOf(
        (socket) =>
          socket.once('data', () => {
            socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes}\r\n\r\n`);
            socket.write(Buffer.alloc(bytes));
          }),
        { timeouts: { bodyIdleMs: 1000 } },
      );
      const sent = request({
        ...{ port: started.port, path: READ, highWaterMark: 64 * 1024 },
        headers: { authorization: `Bearer ${started.key.key}` },
      }).end();
      const [response] = (await once(sent, 'response')) as [IncomingMessage];
      const beganAt = performance.now();
      let received = 0;
      for await (const chunk of response) {
        const before = received;
        received += (chunk as Buffer).length;
        // 4 MiB each 250 ms: the whole of it takes three times as long as it may stand still.
        if (Math.floor(received / STEP) > Math.floor(before / STEP))
          await new Promise((resolve) => setTimeout(resolve, 250));
      }
      assert.equal(received, bytes);
      assert.ok(performance.now() - beganAt > 2000);
    });

    it('no longer for one who stops reading', async () => {
      const { gateway: started, upstream: raw } = await inFrontOf(
        (socket) =>
          socket.once('data', () => {
            socket.write('HTTP/1.1 200 OK\r\n\r\n');
            const chunk = Buffer.alloc(1024 * 1024);
            const pump = () => {
              while (socket.writable && socket.write(chunk));
            };
            socket.on('drain', pump);
            pump();
          }),
        { timeouts: { bodyIdleMs: 300 } },
      );
      const connection = await rawConnection(started.port);
      connection.send(`GET ${READ} HTTP/1.1\r\nHost: x\r\nAuthorization: ${started.key.key}\r\n\r\n`);
      await connection.until(/200 OK/);
      connection.socket.pause();
      await eventually(() => assert.equal(started.usage.length, 1));
      await eventually(() => assert.equal(raw.sockets.size, 0));
      connection.socket.destroy();
    });
  });

  describe('that closes a connection when a request arrives on it', () => {
    /** The first request on each of the first `failures` connections gets no answer. */
    const flaky = (failures: number) => {
      const seen = { requests: 0, connections: 0 };
      const onSocket = (socket: Socket) => {
        seen.connections += 1;
        const fails = seen.connections <= failures;
        socket.on('data', (chunk) => {
          if (/^[A-Z]+ \//.test(chunk.toString('latin1'))) seen.requests += 1;
          if (fails) socket.destroy();
          else socket.write(OK);
        });
      };
      return { seen, onSocket };
    };

    for (const [method, path] of [
      ['GET', READ],
      ['HEAD', READ],
      ['DELETE', '/mlflow/api/2.0/mlflow-artifacts/artifacts/a'],
    ] as const) {
      it(`is asked once more for a ${method}`, async () => {
        const { seen, onSocket } = flaky(1);
        const { ask } = await inFrontOf(onSocket);
        assert.equal((await ask(path, { method })).status, 200);
        assert.deepEqual(seen, { requests: 2, connections: 2 });
      });
    }

    it('is not asked a third time', async () => {
      const { seen, onSocket } = flaky(9);
      const { ask, gateway: started } = await inFrontOf(onSocket);
      assert.equal((await ask()).status, 502);
      assert.equal(seen.requests, 2);
      assert.equal(started.usage.length, 1);
    });

    it('never gets a POST twice, nor a body of which anything was read', async () => {
      const { seen, onSocket } = flaky(9);
      const { ask } = await inFrontOf(onSocket);
      assert.equal((await ask(WRITE, { method: 'POST', body: '{}' })).status, 502);
      assert.equal((await ask(WRITE, { method: 'POST' })).status, 502);
      const artifact = '/mlflow/api/2.0/mlflow-artifacts/artifacts/a';
      assert.equal((await ask(artifact, { method: 'PUT', body: 'x' })).status, 502);
      assert.equal(seen.requests, 3);
    });
  });

  it('that restarts costs no request that is sent once it is back', async () => {
    const first = await startHttpUpstream((_, outgoing) => outgoing.end('first'));
    gateway = await startGateway({ upstreamUrl: first.url });
    const ask = asking(gateway);
    const bodies = await Promise.all(
      Array.from({ length: 8 }, () => ask().then((response) => response.text())),
    );
    assert.deepEqual(new Set(bodies), new Set(['first']));
    await first.close();
    assert.equal((await ask()).status, 503);
    const second = await startHttpUpstream((_, outgoing) => outgoing.end('second'), first.port);
    upstream = second;
    const answers = await Promise.all(
      Array.from({ length: 8 }, () =>
        ask(WRITE, { method: 'POST', body: '{}' }).then((response) => response.text()),
      ),
    );
    assert.deepEqual(new Set(answers), new Set(['second']));
  });

  it('gets no request on a connection that has been idle for 5 s, since it may be closing it', async function () {
    this.timeout(10_000);
    const { ask, upstream: raw } = await inFrontOf((socket) =>
      socket.on('data', () => void socket.write(OK)),
    );
    assert.equal((await ask()).status, 200);
    assert.equal((await ask()).status, 200);
    assert.equal(raw.connectionCount(), 1);
    const idleSince = performance.now();
    await eventually(() => assert.equal(raw.sockets.size, 0), { timeoutMs: 8000 });
    const idleMs = performance.now() - idleSince;
    assert.ok(idleMs > 2500 && idleMs < 4900, `closed after ${idleMs} ms`);
  });

  it('is reached by its own name, below its own path, with its own credential', async () => {
    const named = await startHttpUpstream((_, outgoing) => outgoing.end('ok'));
    upstream = named;
    gateway = await startGateway({ upstreamUrl: `http://me:se%3Acret@localhost:${named.port}/base/` });
    assert.equal((await asking(gateway)(`${READ}?a`)).status, 200);
    const got = named.requests[0];
    assert.equal(got?.url, '/base/api/2.0/mlflow/runs/get?a');
    assert.equal(got?.headers.host, `localhost:${named.port}`);
    assert.equal(got?.headers.authorization, `Basic ${Buffer.from('me:se:cret').toString('base64')}`);
  });
});
