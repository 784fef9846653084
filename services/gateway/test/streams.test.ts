/** Bodies of any size and pace, both ways, and what happens when somebody leaves. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { eventually } from '@hokusai/testing';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { parseAnswer, rawConnection, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream, startRawUpstream } from './support/upstream.ts';

const ARTIFACT = '/mlflow/api/2.0/mlflow-artifacts/artifacts/1/model.bin';
const MIB = 1024 * 1024;
const LARGE = 300 * MIB;
/** What a body of any size may cost beyond the start: client, gateway and upstream are all in this process. */
const MEMORY_BOUND = 160 * MIB;
/** What the kernel takes for two connections, of up to 32 MiB each, and a little for the buffers in between. */
const BUFFERS = 100 * MIB;

describe('streams', function () {
  this.timeout(60_000);
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => answer(incoming, outgoing));
    gateway = await startGateway({ upstreamUrl: upstream.url });
  });
  after(async () => {
    await gateway.close();
    await upstream.close();
  });

  const authorization = () => `Bearer ${gateway.key.key}`;
  const send = (method: string, path: string, headers: Record<string, string | number> = {}) =>
    request({ port: gateway.port, method, path, headers: { authorization: authorization(), ...headers } });
  const count: typeof answer = (incoming, outgoing) => {
    let bytes = 0;
    incoming.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
    incoming.on('end', () => outgoing.end(String(bytes)));
  };
  const responseOf = async (sent: ReturnType<typeof request>) => {
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return response;
  };
  const textOf = async (response: IncomingMessage) => (await response.toArray()).join('');
  const lastUsage = () => gateway.usage.at(-1);

  /** The largest growth of this process's memory while `work` runs. */
  async function growthDuring(work: () => Promise<void>): Promise<number> {
    const start = process.memoryUsage.rss();
    let most = start;
    const watch = setInterval(() => {
      most = Math.max(most, process.memoryUsage.rss());
    }, 20);
    try {
      await work();
    } finally {
      clearInterval(watch);
    }
    return most - start;
  }

  /** `bytes` in chunks of 1 MiB, made as they are read. */
  function zeros(bytes: number): Readable {
    const chunk = Buffer.alloc(MIB);
    let left = bytes;
    return new Readable({
      read() {
        left -= MIB;
        this.push(left < 0 ? null : chunk);
      },
    });
  }

  describe('of large bodies', () => {
    for (const framing of ['with a length', 'in chunks']) {
      it(`go up ${framing} in constant memory`, async () => {
        answer = count;
        const growth = await growthDuring(async () => {
          const headers = framing === 'with a length' ? { 'content-length': LARGE } : {};
          const sent = send('PUT', ARTIFACT, headers);
          zeros(LARGE).pipe(sent);
          assert.equal(await textOf(await responseOf(sent)), String(LARGE));
        });
        assert.ok(growth < MEMORY_BOUND, `grew by ${Math.round(growth / MIB)} MiB`);
        assert.equal(lastUsage()?.bytes_in, LARGE);
      });

      it(`come down ${framing} in constant memory, at the client's pace`, async () => {
        let pushed = 0;
        answer = (_, outgoing) => {
          if (framing === 'with a length') outgoing.setHeader('Content-Length', LARGE);
          zeros(LARGE)
            .on('data', (chunk: Buffer) => {
              pushed += chunk.length;
            })
            .pipe(outgoing);
        };
        let received = 0;
        const growth = await growthDuring(async () => {
          const response = await responseOf(send('GET', ARTIFACT).end());
          // Not a byte is read: so what the upstream can get rid of is bounded by the buffers on the way.
          await eventually(async () => {
            const before = pushed;
            await new Promise((resolve) => setTimeout(resolve, 100));
            assert.equal(pushed, before);
          });
          assert.ok(pushed < BUFFERS, `took ${pushed / MIB} MiB in`);
          for await (const chunk of response) received += (chunk as Buffer).length;
        });
        assert.equal(received, LARGE);
        assert.ok(growth < MEMORY_BOUND, `grew by ${Math.round(growth / MIB)} MiB`);
        assert.equal(lastUsage()?.bytes_out, LARGE);
      });
    }

    it('wait for an upstream that does not read', async () => {
      let taken: IncomingMessage | undefined;
      answer = (incoming) => {
        taken = incoming;
      };
      const sent = send('PUT', ARTIFACT, { 'content-length': LARGE });
      let pushed = 0;
      zeros(LARGE)
        .on('data', (chunk: Buffer) => {
          pushed += chunk.length;
        })
        .pipe(sent);
      await eventually(async () => {
        assert.ok(taken);
        const before = pushed;
        await new Promise((resolve) => setTimeout(resolve, 100));
        assert.equal(pushed, before);
      });
      assert.ok(pushed < BUFFERS, `took ${pushed / MIB} MiB in`);
      sent.on('error', () => {}).destroy();
    });
  });

  it('go through in small pieces, each at once', async () => {
    answer = (incoming, outgoing) => incoming.pipe(outgoing);
    const sent = send('POST', '/mlflow/api/2.0/mlflow/runs/log-batch');
    sent.write('0,');
    const response = await responseOf(sent);
    response.setEncoding('utf8');
    let text = '';
    response.on('data', (chunk: string) => {
      text += chunk;
    });
    for (let piece = 1; piece < 200; piece++) {
      sent.write(`${piece},`);
      while (!text.endsWith(`,${piece},`)) await once(response, 'data');
    }
    sent.end();
    await once(response, 'end');
    assert.equal(text.split(',').length, 201);
  });

  it('of 100 000 tiny chunks arrive whole', async () => {
    answer = count;
    const connection = await rawConnection(gateway.port);
    connection.send(
      `PUT ${ARTIFACT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: ${gateway.key.key}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    );
    connection.send('1\r\nx\r\n'.repeat(100_000));
    connection.send('0\r\n\r\n');
    assert.match(await connection.closed(), /\r\n100000$/);
  });

  it('begin with a head that does not wait for the body', async () => {
    let outgoing: ServerResponse | undefined;
    answer = (_, response) => {
      outgoing = response;
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.flushHeaders();
    };
    const response = await responseOf(send('GET', '/mlflow/api/3.0/mlflow/traces/x').end());
    assert.equal(response.headers['content-type'], 'text/event-stream');
    outgoing?.end('data: 1\n\n');
    assert.equal(await textOf(response), 'data: 1\n\n');
  });

  describe('with Expect: 100-continue', () => {
    it('start when the upstream takes them', async () => {
      answer = count;
      const connection = await rawConnection(gateway.port);
      connection.send(
        `PUT ${ARTIFACT} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nAuthorization: ${gateway.key.key}\r\nContent-Length: 4\r\n\r\n`,
      );
      assert.equal(await connection.until(/\r\n\r\n/), 'HTTP/1.1 100 Continue\r\n\r\n');
      connection.send('abcd');
      assert.match(await connection.closed(), /HTTP\/1\.1 200 OK.*\r\n4$/s);
      assert.equal(upstream.requests.at(-1)?.headers.expect, undefined);
    });

    it('do not start when it can not be reached', async () => {
      const gone = await startHttpUpstream(() => {});
      await gone.close();
      const orphan = await startGateway({ upstreamUrl: gone.url });
      try {
        const text = await sendRaw(
          orphan.port,
          `PUT ${ARTIFACT} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nAuthorization: ${orphan.key.key}\r\nContent-Length: 4\r\n\r\n`,
        );
        assert.match(text, /^HTTP\/1\.1 503 /);
      } finally {
        await orphan.close();
      }
    });
  });

  describe('of an upstream that answers before the upload has ended', () => {
    const refuseUpload = async (keepsAlive: boolean) => {
      answer = (_, outgoing) => {
        outgoing.shouldKeepAlive = keepsAlive;
        outgoing.writeHead(413).end('too much');
      };
      const sent = send('PUT', ARTIFACT, { 'content-length': 30 * MIB });
      sent.on('error', () => {});
      zeros(30 * MIB).pipe(sent);
      const response = await responseOf(sent);
      return { status: response.statusCode, text: await textOf(response) };
    };

    it('let the answer be read', async () => {
      assert.deepEqual(await refuseUpload(true), { status: 413, text: 'too much' });
    });

    it('are answered also where the upstream hangs up, though its answer may be lost with the connection', async () => {
      const { status } = await refuseUpload(false);
      assert.ok(status === 413 || status === 502, String(status));
    });

    it('go on both ways if the upstream does', async () => {
      answer = (incoming, outgoing) => {
        outgoing.write('first;');
        let bytes = 0;
        incoming.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
        });
        incoming.on('end', () => outgoing.end(`then ${bytes}`));
      };
      const sent = send('POST', '/mlflow/api/2.0/mlflow/runs/log-batch');
      sent.write('ab');
      const response = await responseOf(sent);
      sent.end('cd');
      assert.equal(await textOf(response), 'first;then 4');
    });
  });

  it('pass trailers on to those who take them', async () => {
    answer = (_, outgoing) => {
      outgoing.writeHead(200, { Trailer: 'X-Sum' });
      outgoing.write('x');
      outgoing.addTrailers({ 'X-Sum': '1', 'Set-Cookie': 'a=b' });
      outgoing.end();
    };
    const head = `GET ${ARTIFACT} HTTP/1.1\r\nHost: x\r\nConnection: close, TE\r\nAuthorization: ${gateway.key.key}\r\n`;
    const taken = await sendRaw(gateway.port, `${head}TE: trailers\r\n\r\n`);
    assert.match(taken, /\r\n0\r\nX-Sum: 1\r\n\r\n$/);
    const left = await sendRaw(gateway.port, `${head}\r\n`);
    assert.match(left, /\r\n0\r\n\r\n$/);
  });

  describe('that are cut off', () => {
    it('by a client that leaves in an upload cancel the upstream request, and are metered once', async () => {
      gateway.usage.length = 0;
      let taken: IncomingMessage | undefined;
      answer = (incoming) => {
        taken = incoming;
        incoming.on('error', () => {}).resume();
      };
      const sent = send('PUT', ARTIFACT, { 'content-length': 1000 });
      sent.on('error', () => {});
      sent.write('x');
      await eventually(() => assert.ok(taken));
      sent.destroy();
      await eventually(() => assert.equal(taken?.destroyed && !taken.complete, true));
      await eventually(() => assert.equal(gateway.usage.length, 1));
      assert.equal(lastUsage()?.status_code, 499);
      assert.equal(lastUsage()?.bytes_in, 1);
      assert.equal(lastUsage()?.first_byte_ms, null);
    });

    it('by a client that leaves before the answer', async () => {
      gateway.usage.length = 0;
      let taken: ServerResponse | undefined;
      answer = (_, outgoing) => {
        taken = outgoing;
      };
      const sent = send('GET', ARTIFACT).on('error', () => {});
      sent.end();
      await eventually(() => assert.ok(taken));
      sent.destroy();
      await once(taken as unknown as ServerResponse, 'close');
      await eventually(() =>
        assert.deepEqual(
          gateway.usage.map(({ status_code }) => status_code),
          [499],
        ),
      );
    });

    it('by a client that leaves in a download', async () => {
      gateway.usage.length = 0;
      let taken: ServerResponse | undefined;
      answer = (_, outgoing) => {
        taken = outgoing;
        zeros(LARGE)
          .pipe(outgoing)
          .on('error', () => {});
      };
      const sent = send('GET', ARTIFACT).end();
      const response = await responseOf(sent);
      await once(response, 'data');
      response.on('error', () => {});
      sent.destroy();
      await once(taken as unknown as ServerResponse, 'close');
      await eventually(() => assert.equal(gateway.usage.length, 1));
      assert.equal(lastUsage()?.status_code, 200);
      assert.ok((lastUsage()?.bytes_out ?? 0) < LARGE);
    });

    it('by an upstream: the client sees that it was not the whole answer', async () => {
      for (const headers of [{}, { 'Content-Length': '1000' }]) {
        answer = (_, outgoing) => {
          outgoing.writeHead(200, headers);
          outgoing.write('part', () => outgoing.destroy());
        };
        const response = await responseOf(send('GET', ARTIFACT).end());
        await assert.rejects(textOf(response), { code: 'ECONNRESET' });
      }
    });

    it('by an upstream that closes what has no other end are whole', async () => {
      const closing = await startRawUpstream((socket) => {
        socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end'));
      });
      const other = await startGateway({ upstreamUrl: closing.url });
      try {
        const response = await fetch(other.url + ARTIFACT, {
          headers: { authorization: `Bearer ${other.key.key}` },
        });
        assert.equal(await response.text(), 'until the end');
      } finally {
        await other.close();
        await closing.close();
      }
    });
  });

  it('go on beside a thousand idle connections', async () => {
    answer = count;
    const idle = await Promise.all(Array.from({ length: 1000 }, () => rawConnection(gateway.port)));
    try {
      const sent = send('PUT', ARTIFACT, { 'content-length': 4 });
      sent.end('abcd');
      assert.equal(await textOf(await responseOf(sent)), '4');
    } finally {
      for (const { socket } of idle) socket.destroy();
    }
  });

  it('serve HTTP/1.0 without chunks', async () => {
    answer = (_, outgoing) => {
      outgoing.write('a');
      outgoing.end('b');
    };
    const text = await sendRaw(
      gateway.port,
      `GET ${ARTIFACT} HTTP/1.0\r\nAuthorization: ${gateway.key.key}\r\n\r\n`,
    );
    assert.equal(parseAnswer(text).body, 'ab');
  });
});
