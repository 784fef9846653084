/** Connections that become WebSockets, at upstreams that take them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { eventually } from '@hokusai/testing';
import { WebSocket } from 'undici';
import { refusalError } from '../src/domain/refusals.ts';
import { stopServing } from '../src/http/stop-serving.ts';
import { startGateway, type TestGateway, type TestGatewayOptions } from './support/gateway.ts';
import { testKey } from './support/key.ts';
import { parseAnswer, rawConnection } from './support/raw-client.ts';
import { startHttpUpstream } from './support/upstream.ts';
import { rowsOf } from './support/upstream-rows.ts';
import { startWebSocketUpstream, type WebSocketUpstream } from './support/websocket-upstream.ts';

const PUBLIC_ORIGIN = 'http://gateway.example';
const HANDSHAKE = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'];
const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', ...HANDSHAKE];

describe('an upgrade', function () {
  this.timeout(20_000);
  let upstream: WebSocketUpstream;
  let gateway: TestGateway;
  let accept: (handshake: IncomingMessage, socket: Socket) => boolean;

  async function start(options: Partial<TestGatewayOptions> = {}, row: object = {}): Promise<void> {
    const common = { prefix: '/live', read_scope: 'mlflow:read', write_scope: 'mlflow:write' };
    gateway = await startGateway({
      upstreamUrl: upstream.url,
      publicOrigins: [PUBLIC_ORIGIN],
      rows: rowsOf({ ...common, id: 'live', target: `${upstream.url}/base`, upgrade: true, ...row }),
      ...options,
    });
  }

  beforeEach(async () => {
    accept = () => true;
    upstream = await startWebSocketUpstream((handshake, socket) => accept(handshake, socket));
  });
  afterEach(async () => {
    await gateway.close();
    await upstream.close();
  });

  const send = async (target: string, ...lines: string[]) => {
    const connection = await rawConnection(gateway.port);
    connection.send([`GET ${target} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n'));
    return connection;
  };
  const authorization = () => `Authorization: Bearer ${gateway.key.key}`;
  const upgrade = (target = '/live/socket', ...lines: string[]) =>
    send(target, authorization(), ...UPGRADE, ...lines);
  /** Upgraded already. */
  const open = async (target?: string, ...lines: string[]) => {
    const connection = await upgrade(target, ...lines);
    await connection.until(/\r\n\r\n/);
    assert.equal(parseAnswer(connection.text()).status, 101);
    return connection;
  };
  const refused = async (connection: Awaited<ReturnType<typeof send>>) => {
    const { status, headers, body } = parseAnswer(await connection.closed());
    const { type } = JSON.parse(body) as { type: string };
    return { status, headers, reason: type.replace('urn:hokusai:error:', '') };
  };
  const ignore: typeof accept = (_, socket) => {
    socket.resume().on('end', () => socket.end());
    return false;
  };
  const reasonOf = async (connection: Awaited<ReturnType<typeof send>>) => {
    const { status, reason } = await refused(connection);
    return `${status} ${reason}`;
  };

  it('carries messages both ways, and is metered once, with its bytes', async () => {
    await start();
    const socket = new WebSocket(`ws://127.0.0.1:${gateway.port}/live/socket`, {
      headers: { authorization: `Bearer ${gateway.key.key}` },
    });
    const events = socket as unknown as EventTarget;
    await once(events, 'open');
    for (const text of ['first', 'second']) {
      const heard = once(events, 'message') as Promise<[{ data: string }]>;
      socket.send(text);
      const [{ data }] = await heard;
      assert.equal(data, text.toUpperCase());
    }
    assert.equal(gateway.usage.length, 0);
    const closed = once(events, 'close');
    socket.close(1000);
    await closed;
    await eventually(() => assert.equal(gateway.usage.length, 1));
    const [usage] = gateway.usage;
    assert.equal(usage?.status_code, 101);
    assert.equal(usage?.refusal, null);
    assert.deepEqual([usage?.upstream, usage?.method], ['live', 'GET']);
    // Frames of 5, 6 and 2 bytes, with 6 bytes around each on the way in and 2 on the way out.
    assert.deepEqual([usage?.bytes_in, usage?.bytes_out], [31, 19]);
    assert.ok((usage?.first_byte_ms ?? -1) >= 0);
  });

  it('is asked for with headers of our own, and the key in none of them', async () => {
    await start({}, { authorization: 'token of-the-gateway' });
    const { key } = gateway.key;
    const basic = Buffer.from(`ada:${key}`).toString('base64');
    const connection = await send(
      `/live/socket?a=%20&api_key=${key}&b`,
      `Authorization: Basic ${basic}`,
      `X-API-Key: ${key}`,
      `Proxy-Authorization: Bearer ${key}`,
      `Referer: http://x/?api_key=${key}`,
      `Sec-WebSocket-Protocol: token, ${key}`,
      'Sec-WebSocket-Protocol: chat',
      `Origin: ${PUBLIC_ORIGIN}`,
      'X-Hokusai-User: evil',
      'X-Forwarded-For: 6.6.6.6',
      'X_Hokusai_User: evil',
      // With these the middleware would forget the headers it was to set, or throw where nobody catches.
      'Expect: 100-continue',
      'Trailer: x',
      'TE: trailers',
      'Connection: Upgrade, X-Mine',
      'X-Mine: 1',
      'Upgrade: WebSocket',
      ...HANDSHAKE,
    );
    await connection.until(/\r\n\r\n/);
    const [got] = upstream.handshakes;
    assert.equal(got?.url, '/base/socket?a=%20&b');
    const { headers } = got ?? {};
    assert.equal(headers?.host, `127.0.0.1:${upstream.port}`);
    assert.equal(headers?.authorization, 'token of-the-gateway');
    assert.equal(headers?.['x-hokusai-user'], gateway.key.authenticated.state.owner.userId);
    assert.equal(headers?.['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers?.['x-forwarded-prefix'], '/live');
    assert.equal(headers?.['sec-websocket-protocol'], 'chat');
    assert.equal(headers?.connection, 'Upgrade');
    for (const name of ['origin', 'expect', 'trailer', 'te', 'x-mine', 'x-api-key', 'proxy-authorization'])
      assert.equal(headers?.[name], undefined, name);
    connection.socket.destroy();
    await eventually(() => assert.equal(gateway.usage.length, 1));
    const everything = [
      upstream.received(),
      ...gateway.log,
      ...gateway.accessLog,
      JSON.stringify(gateway.usage),
    ];
    for (const spelling of [key.slice(20), basic.slice(-40, -4), 'evil', '6.6.6.6'])
      assert.ok(!everything.join('').includes(spelling), spelling);
  });

  it('is answered with the headers of the upstream, and our own', async () => {
    await start();
    const connection = await open('/live/socket', 'X-Request-ID: my-id');
    const { headers } = parseAnswer(connection.text());
    assert.equal(headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    assert.equal(headers['set-cookie'], 'a=1, b=2');
    assert.equal(headers['x-request-id'], 'my-id');
    assert.equal(headers['connection'], 'Upgrade');
    assert.equal(headers['keep-alive'], undefined);
    assert.match(headers['ratelimit-policy'] ?? '', /"hour"/);
  });

  it('takes bytes that came right behind the request, from either side', async () => {
    accept = (_, socket) => {
      socket.write('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello');
      socket.on('data', (bytes) => socket.write(`<${bytes}>`));
      return false;
    };
    await start();
    const connection = await rawConnection(gateway.port);
    connection.send(
      ['GET /live/x HTTP/1.1', 'Host: x', authorization(), ...UPGRADE, '', 'early'].join('\r\n'),
    );
    await connection.until(/\r\n\r\nhello<early>/);
    connection.send('late');
    await connection.until(/<late>$/);
  });

  describe('is refused', () => {
    const cases: [name: string, expected: string, target: string, lines: () => string[]][] = [
      ['without a key', '401 key_missing', '/live/x', () => []],
      ['with an unknown key', '401 unknown_key', '/live/x', () => [`X-API-Key: ${testKey().key}`]],
      [
        'without the scope',
        '403 scope_missing',
        '/live/x',
        () => [`X-API-Key: ${gateway.add(testKey({ scopes: ['mlflow:write'] })).key}`],
      ],
      ['for an ambiguous path', '400 ambiguous_path', '/live/x%2fy', () => [authorization()]],
      ['with a body', '400 unexpected_body', '/live/x', () => [authorization(), 'Content-Length: 1']],
      [
        'from a page of another site',
        '403 foreign_origin',
        '/live/x',
        () => [authorization(), 'Origin: http://evil.example'],
      ],
      ['from a page of no site', '403 foreign_origin', '/live/x', () => [authorization(), 'Origin: null']],
      [
        'from another site by its own word',
        '403 foreign_origin',
        '/live/x',
        () => [authorization(), 'Sec-Fetch-Site: same-site'],
      ],
    ];
    for (const [name, expected, target, lines] of cases)
      it(name, async () => {
        await start();
        assert.equal(await reasonOf(await send(target, ...lines(), ...UPGRADE)), expected);
        assert.equal(upstream.handshakes.length, 0);
      });

    it('from foreign pages also where no key is needed', async () => {
      await start({}, { auth: 'none' });
      const foreign = await send('/live/x', 'Origin: http://evil.example', ...UPGRADE);
      assert.equal(await reasonOf(foreign), '403 foreign_origin');
      const own = await send(
        '/live/x',
        `Origin: ${PUBLIC_ORIGIN}`,
        'Sec-Fetch-Site: same-origin',
        ...UPGRADE,
      );
      await own.until(/101 Switching/);
    });

    it('beyond the number of requests that may be under way, until one ends', async () => {
      await start({ maxInFlight: { key: 1 } });
      const first = await open();
      assert.equal(await reasonOf(await upgrade()), '503 key_overloaded');
      first.socket.destroy();
      await eventually(async () => {
        const next = await upgrade();
        await next.until(/\r\n\r\n/);
        assert.equal(parseAnswer(next.text()).status, 101);
      });
    });

    it('by an upstream that is away', async () => {
      const gone = await startHttpUpstream(() => {});
      await gone.close();
      await start({}, { target: gone.url });
      for (let failure = 0; failure < 6; failure += 1) {
        const { status, headers, reason } = await refused(await upgrade());
        assert.deepEqual([status, reason, headers['retry-after']], [503, 'upstream_unreachable', '5']);
      }
      assert.match(gateway.log.join(''), /takes no connections/);
    });

    it('by an upstream that breaks off, or does not answer', async () => {
      await start({}, { response_timeout_ms: 100 });
      accept = (_, socket) => {
        socket.destroy();
        return false;
      };
      assert.equal(await reasonOf(await upgrade()), '502 upstream_broke_off');
      accept = ignore;
      assert.equal(await reasonOf(await upgrade()), '504 upstream_response_timeout');
      await eventually(() => assert.equal(upstream.sockets.size, 0));
      assert.deepEqual(
        gateway.usage.map(({ status_code }) => status_code),
        [502, 504],
      );
    });

    for (const [name, head] of [
      ['no HTTP', 'SSH-2.0-OpenSSH'],
      ['a header that can not be sent on', 'HTTP/1.1 409 Busy\r\nX: a\x01b\r\nContent-Length: 0'],
      ['a status that there is not', 'HTTP/1.1 099 What\r\nContent-Length: 0'],
    ] as const)
      it(`with 502 by an upstream that answers ${name}, and the gateway lives on`, async () => {
        await start();
        accept = (_, socket) => {
          socket.write(`${head}\r\n\r\n`, 'latin1');
          return ignore(_, socket);
        };
        assert.equal(await reasonOf(await upgrade()), '502 upstream_broke_off');
        await eventually(() => assert.equal(upstream.sockets.size, 0));
        accept = () => true;
        const next = await open();
        next.socket.destroy();
      });

    it('by an upstream that says so, in its own words', async () => {
      const body = 'not now';
      accept = (_, socket) => {
        socket.end(
          `HTTP/1.1 409 Busy\r\nContent-Length: ${body.length}\r\nLocation: /base/x\r\nX-Request-ID: evil\r\n\r\n${body}`,
        );
        return false;
      };
      await start();
      const answer = parseAnswer(await (await upgrade()).closed());
      assert.deepEqual([answer.status, answer.body], [409, 'not now']);
      assert.equal(answer.headers['location'], '/live/x');
      assert.equal(answer.headers['connection'], 'close');
      assert.notEqual(answer.headers['x-request-id'], 'evil');
      await eventually(() => assert.equal(gateway.usage[0]?.status_code, 409));
      assert.equal(gateway.usage[0]?.bytes_out, 7);
    });
  });

  describe('is ignored', () => {
    const plain: [name: string, target: string, lines: string[]][] = [
      ['at an upstream that takes none', '/mlflow/api/2.0/mlflow/runs/get', UPGRADE],
      ['to something else', '/live/x', ['Connection: Upgrade', 'Upgrade: h2c']],
      ['to several protocols', '/live/x', ['Connection: Upgrade', 'Upgrade: websocket, h2c']],
      ['that Connection does not name', '/live/x', ['Upgrade: websocket', ...HANDSHAKE]],
    ];
    for (const [name, target, lines] of plain)
      it(name, async () => {
        await start();
        const connection = await send(target, authorization(), ...lines);
        await connection.until(/200 OK.*no upgrade was asked for/s);
        assert.equal(upstream.handshakes.length, 0);
        assert.doesNotMatch(upstream.received(), /^upgrade:/im);
        connection.socket.destroy();
      });

    it('of the gateway itself', async () => {
      await start();
      const connection = await send('/livez', ...UPGRADE);
      await connection.until(/200 OK.*alive/s);
      connection.socket.destroy();
    });

    it('behind a request that is still being answered', async () => {
      await start();
      const connection = await rawConnection(gateway.port);
      const head = (target: string, ...lines: string[]) =>
        [`GET ${target} HTTP/1.1`, 'Host: x', authorization(), ...lines, '', ''].join('\r\n');
      connection.send(head('/live/first') + head('/live/second', ...UPGRADE));
      await connection.until(/200 OK.*no upgrade was asked for.*200 OK.*no upgrade was asked for/s);
      connection.socket.destroy();
    });
  });

  describe('ends', () => {
    it('with its client', async () => {
      await start();
      const connection = await open();
      connection.socket.destroy();
      await eventually(() => assert.equal(upstream.upgraded[0]?.destroyed, true));
      await eventually(() => assert.equal(gateway.usage.length, 1));
    });

    for (const [how, leave] of [
      ['hangs up', (socket: Socket) => socket.end()],
      ['breaks off', (socket: Socket) => socket.resetAndDestroy()],
    ] as const)
      it(`with its client, also one that ${how} before the upstream has answered`, async () => {
        accept = ignore;
        await start();
        const connection = await upgrade();
        await eventually(() => assert.equal(upstream.handshakes.length, 1));
        leave(connection.socket);
        await eventually(() => assert.equal(upstream.sockets.size, 0));
        await eventually(() => assert.equal(gateway.usage[0]?.status_code, 499));
      });

    it('with its upstream', async () => {
      await start();
      const connection = await open();
      upstream.upgraded[0]?.end('last words');
      assert.match(await connection.closed(), /last words$/);
      const second = await open();
      upstream.upgraded[1]?.resetAndDestroy();
      await second.closed();
      await eventually(() => assert.equal(gateway.usage.length, 2));
    });

    it('when nothing moves for too long', async () => {
      await start({}, { body_idle_timeout_ms: 300 });
      const connection = await open();
      for (let count = 0; count < 5; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        upstream.upgraded[0]?.write('x');
      }
      assert.equal(upstream.upgraded[0]?.destroyed, false);
      assert.match(await connection.closed(), /x{5}$/);
      await eventually(() => assert.equal(upstream.upgraded[0]?.destroyed, true));
    });

    it('when its key stops', async () => {
      await start();
      const connection = await open();
      const [exchange] = gateway.running.of(gateway.key.authenticated.state.keyId);
      exchange?.cutOff(refusalError({ reason: 'key_revoked', message: 'It was revoked.' }));
      await connection.closed();
      await eventually(() => assert.equal(upstream.upgraded[0]?.destroyed, true));
      await eventually(() => assert.equal(gateway.usage.length, 1));
      const [usage] = gateway.usage;
      assert.deepEqual([usage?.status_code, usage?.refusal], [101, 'key_revoked']);
    });

    it('with a refusal when its key stops before the upstream has answered', async () => {
      accept = ignore;
      await start();
      const connection = await upgrade();
      await eventually(() => assert.equal(upstream.handshakes.length, 1));
      const [exchange] = gateway.running.of(gateway.key.authenticated.state.keyId);
      exchange?.cutOff(refusalError({ reason: 'key_revoked', message: 'It was revoked.' }));
      assert.equal(await reasonOf(connection), '403 key_revoked');
      await eventually(() => assert.equal(upstream.sockets.size, 0));
    });

    it('when the gateway stops, at once', async () => {
      await start();
      const connection = await open();
      await Promise.all([
        stopServing(gateway, { idleMs: 60_000, graceMs: 60_000 }),
        connection.closed(),
        eventually(() => assert.equal(upstream.upgraded[0]?.destroyed, true)),
      ]);
      assert.equal(gateway.usage.length, 1);
    });
  });

  it('waits for whoever reads slowly', async () => {
    accept = (_, socket) => {
      socket.write('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n');
      upstream.upgraded.push(socket);
      return false;
    };
    await start();
    const connection = await open();
    connection.socket.pause();
    const chunk = Buffer.alloc(1024 * 1024);
    let written = 0;
    const pump = () => {
      while (upstream.upgraded[0]?.write(chunk)) written += 1;
    };
    upstream.upgraded[0]?.on('drain', pump);
    pump();
    await eventually(async () => {
      const before = written;
      await new Promise((resolve) => setTimeout(resolve, 100));
      assert.equal(written, before);
    });
    assert.ok(written < 100, `took ${written} MiB in`);
  });
});
