/** An upstream that is down, slow, breaks off or comes back. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { eventually } from '@hokusai/testing';
import { startGateway, type TestGateway, type TestGatewayOptions } from './support/gateway.ts';
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
    gateway = await startGateway({ upstreamUrl: 'http://127.0.0.1:9' });
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

  describe('waits', () => {
    it('for one who reads slowly, if the answer moves', async function () {
      // A machine that stands still for a second makes it one who does not read.
      this.retries(2);
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
  });

  it('that sends small chunks to one who reads slowly is paused once for all that has come', async () => {
    const chunks = `${`100\r\n${'x'.repeat(256)}\r\n`.repeat(100_000)}0\r\n\r\n`;
    const { gateway: started } = await inFrontOf((socket) =>
      socket.once('data', () =>
        socket.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`),
      ),
    );
    let mostListeners = 0;
    started.server.prependOnceListener('request', (_, outgoing: ServerResponse) => {
      const write = outgoing.write;
      outgoing.write = ((...args: Parameters<typeof write>) => {
        process.nextTick(() => {
          mostListeners = Math.max(mostListeners, outgoing.listenerCount('drain'));
        });
        return write.apply(outgoing, args);
      }) as typeof write;
    });
    const sent = request({
      ...{ port: started.port, path: READ, headers: { authorization: `Bearer ${started.key.key}` } },
    }).end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await eventually(() => assert.equal(mostListeners, 1));
    let received = 0;
    for await (const chunk of response) received += (chunk as Buffer).length;
    assert.equal(received, 25_600_000);
    assert.equal(mostListeners, 1);
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

    /** Answers when so many have asked; once restarted it knows nothing of the connections that there were. */
    const firewall = (count: number) => {
      const known: Socket[] = [];
      let isRestarted = false;
      const answerAll = () => {
        for (const each of known) each.write(OK);
      };
      const onSocket = (socket: Socket) => {
        const isNew = isRestarted;
        socket.on('data', () => {
          if (isNew) socket.write(OK);
          else if (isRestarted) socket.destroy();
          else if (known.push(socket) === count) answerAll();
        });
      };
      const forget = () => {
        isRestarted = true;
      };
      return { forget, onSocket };
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

    it('is asked once more on a new connection, however many idle ones are broken', async () => {
      const { forget, onSocket } = firewall(4);
      const { ask, upstream: raw } = await inFrontOf(onSocket);
      const four = Array.from({ length: 4 }, () => ask().then((response) => response.text()));
      assert.deepEqual(await Promise.all(four), ['ok', 'ok', 'ok', 'ok']);
      assert.equal(raw.connectionCount(), 4);
      forget();
      assert.equal((await ask()).status, 200);
      assert.equal(raw.connectionCount(), 5);
    });

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
    // The bound is ours alone where nothing else keeps this process waiting.
    this.retries(2);
    const { ask, upstream: raw } = await inFrontOf((socket) =>
      socket.on('data', () => void socket.write(OK)),
    );
    assert.equal((await ask()).status, 200);
    assert.equal((await ask()).status, 200);
    assert.equal(raw.connectionCount(), 1);
    const idleSince = performance.now();
    await eventually(() => assert.equal(raw.sockets.size, 0));
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
