/** Connections that become WebSockets, at upstreams that take them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { eventually } from '@hokusai/testing';
import { WebSocket } from 'undici';
import { testKey } from './support/key.ts';
import { parseAnswer, rawConnection } from './support/raw-client.ts';
import {
  HANDSHAKE,
  PUBLIC_ORIGIN,
  reasonOn,
  refusalOn,
  UPGRADE,
  UpgradeGround,
} from './support/upgrade-ground.ts';

describe('an upgrade', () => {
  const ground = new UpgradeGround();

  beforeEach(() => ground.open());
  afterEach(() => ground.close());

  it('carries messages both ways, and is metered once, with its bytes', async () => {
    await ground.start();
    const socket = new WebSocket(`ws://127.0.0.1:${ground.gateway.port}/live/socket`, {
      headers: { authorization: `Bearer ${ground.gateway.key.key}` },
    });
    const events = socket as unknown as EventTarget;
    await once(events, 'open');
    for (const text of ['first', 'second']) {
      const heard = once(events, 'message') as Promise<[{ data: string }]>;
      socket.send(text);
      const [{ data }] = await heard;
      assert.equal(data, text.toUpperCase());
    }
    assert.equal(ground.gateway.usage.length, 0);
    const closed = once(events, 'close');
    socket.close(1000);
    await closed;
    await eventually(() => assert.equal(ground.gateway.usage.length, 1));
    const [usage] = ground.gateway.usage;
    assert.equal(usage?.status_code, 101);
    assert.equal(usage?.refusal, null);
    assert.deepEqual([usage?.upstream, usage?.method], ['live', 'GET']);
    // Frames of 5, 6 and 2 bytes, with 6 bytes around each on the way in and 2 on the way out.
    assert.deepEqual([usage?.bytes_in, usage?.bytes_out], [31, 19]);
    assert.ok((usage?.first_byte_ms ?? -1) >= 0);
  });

  it('is asked for with headers of our own, and the key in none of them', async () => {
    await ground.start({}, { authorization: 'token of-the-gateway' });
    const { key } = ground.gateway.key;
    const basic = Buffer.from(`ada:${key}`).toString('base64');
    const connection = await ground.send(
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
    const [got] = ground.upstream.handshakes;
    assert.equal(got?.url, '/base/socket?a=%20&b');
    const { headers } = got ?? {};
    assert.equal(headers?.host, `127.0.0.1:${ground.upstream.port}`);
    assert.equal(headers?.authorization, 'token of-the-gateway');
    assert.equal(headers?.['x-hokusai-user'], ground.gateway.key.authenticated.state.owner.userId);
    assert.equal(headers?.['x-forwarded-for'], '127.0.0.1');
    assert.equal(headers?.['x-forwarded-prefix'], '/live');
    assert.equal(headers?.['sec-websocket-protocol'], 'chat');
    assert.equal(headers?.connection, 'Upgrade');
    for (const name of ['origin', 'expect', 'trailer', 'te', 'x-mine', 'x-api-key', 'proxy-authorization'])
      assert.equal(headers?.[name], undefined, name);
    connection.socket.destroy();
    await eventually(() => assert.equal(ground.gateway.usage.length, 1));
    const everything = [
      ground.upstream.received(),
      ...ground.gateway.log,
      ...ground.gateway.accessLog,
      JSON.stringify(ground.gateway.usage),
    ];
    for (const spelling of [key.slice(20), basic.slice(-40, -4), 'evil', '6.6.6.6'])
      assert.ok(!everything.join('').includes(spelling), spelling);
  });

  it('is answered with the headers of the upstream, and our own', async () => {
    await ground.start();
    const connection = await ground.openSocket('/live/socket', 'X-Request-ID: my-id');
    const { headers } = parseAnswer(connection.text());
    assert.equal(headers['sec-websocket-accept'], 's3pPLMBiTxaQ9kYGzzhZRbK+xOo=');
    assert.equal(headers['set-cookie'], 'a=1, b=2');
    assert.equal(headers['x-request-id'], 'my-id');
    assert.equal(headers['connection'], 'Upgrade');
    assert.equal(headers['keep-alive'], undefined);
    assert.match(headers['ratelimit-policy'] ?? '', /"hour"/);
  });

  it('takes bytes that came right behind the request, from either side', async () => {
    ground.accept = (_, socket) => {
      socket.write('HTTP/1.1 101 Switching\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\nhello');
      socket.on('data', (bytes) => socket.write(`<${bytes}>`));
      return false;
    };
    await ground.start();
    const connection = await rawConnection(ground.gateway.port);
    connection.send(
      ['GET /live/x HTTP/1.1', 'Host: x', ground.authorization(), ...UPGRADE, '', 'early'].join('\r\n'),
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
        'to who may only read',
        '403 scope_missing',
        '/live/x',
        () => [`X-API-Key: ${ground.gateway.add(testKey({ scopes: ['mlflow:read'] })).key}`],
      ],
      ['for an ambiguous path', '400 ambiguous_path', '/live/x%2fy', () => [ground.authorization()]],
      ['with a body', '400 unexpected_body', '/live/x', () => [ground.authorization(), 'Content-Length: 1']],
      [
        'from a page of another site',
        '403 foreign_origin',
        '/live/x',
        () => [ground.authorization(), 'Origin: http://evil.example'],
      ],
      [
        'from a page of no site',
        '403 foreign_origin',
        '/live/x',
        () => [ground.authorization(), 'Origin: null'],
      ],
      [
        'from another site by its own word',
        '403 foreign_origin',
        '/live/x',
        () => [ground.authorization(), 'Sec-Fetch-Site: same-site'],
      ],
    ];
    for (const [name, expected, target, lines] of cases)
      it(name, async () => {
        await ground.start();
        assert.equal(await reasonOn(await ground.send(target, ...lines(), ...UPGRADE)), expected);
        assert.equal(ground.upstream.handshakes.length, 0);
      });

    const keyless = {
      'by its row': { auth: 'none' },
      'by a rule': {
        rules: [{ paths: ['/**'], scope: 'public' }],
        read_scope: undefined,
        write_scope: undefined,
      },
    };
    for (const [how, row] of Object.entries(keyless))
      it(`from foreign pages also where no key is needed, ${how}`, async () => {
        await ground.start({}, row);
        const foreign = await ground.send('/live/x', 'Origin: http://evil.example', ...UPGRADE);
        assert.equal(await reasonOn(foreign), '403 foreign_origin');
        const own = await ground.send(
          '/live/x',
          `Origin: ${PUBLIC_ORIGIN}`,
          'Sec-Fetch-Site: same-origin',
          ...UPGRADE,
        );
        await own.until(/101 Switching/);
      });

    it('beyond the number of requests that may be under way, until one ends', async () => {
      await ground.start({ maxInFlight: { key: 1 } });
      const first = await ground.openSocket();
      assert.equal(await reasonOn(await ground.upgrade()), '503 key_overloaded');
      first.socket.destroy();
      await eventually(async () => {
        const next = await ground.upgrade();
        await next.until(/\r\n\r\n/);
        assert.equal(parseAnswer(next.text()).status, 101);
      });
    });

    it('by an upstream that is away', async () => {
      await ground.start({}, { target: 'http://127.0.0.1:9' });
      for (let failure = 0; failure < 6; failure += 1) {
        const { status, headers, reason } = await refusalOn(await ground.upgrade());
        assert.deepEqual([status, reason, headers['retry-after']], [503, 'upstream_unreachable', '5']);
      }
      assert.match(ground.gateway.log.join(''), /takes no connections/);
    });

    it('by an upstream whose TLS does not come about, as by one that is away', async () => {
      await ground.start({}, { target: ground.upstream.url.replace('http:', 'https:') });
      for (let failure = 0; failure < 6; failure += 1)
        assert.equal(await reasonOn(await ground.upgrade()), '503 upstream_unreachable');
      assert.match(ground.gateway.log.join(''), /takes no connections/);
    });

    it('by the rule for GET in a row with rules of its own', async () => {
      const rules = [
        { methods: ['GET'], paths: ['/**'], scope: 'mlflow:invoke' },
        { paths: ['/**'], scope: 'mlflow:read' },
      ];
      await ground.start({}, { rules, read_scope: undefined, write_scope: undefined });
      const reader = `X-API-Key: ${ground.gateway.add(testKey({ scopes: ['mlflow:read'] })).key}`;
      assert.equal(await reasonOn(await ground.send('/live/x', reader, ...UPGRADE)), '403 scope_missing');
    });

    it('by an upstream that breaks off, or does not answer', async () => {
      await ground.start({}, { response_timeout_ms: 1000 });
      ground.accept = (_, socket) => {
        socket.destroy();
        return false;
      };
      assert.equal(await reasonOn(await ground.upgrade()), '502 upstream_broke_off');
      ground.accept = ground.ignore;
      assert.equal(await reasonOn(await ground.upgrade()), '504 upstream_response_timeout');
      await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
      await eventually(() =>
        assert.deepEqual(
          ground.gateway.usage.map(({ status_code }) => status_code),
          [502, 504],
        ),
      );
    });

    for (const [name, head] of [
      ['no HTTP', 'SSH-2.0-OpenSSH'],
      ['a header that can not be sent on', 'HTTP/1.1 409 Busy\r\nX: a\x01b\r\nContent-Length: 0'],
      ['a status that there is not', 'HTTP/1.1 099 What\r\nContent-Length: 0'],
    ] as const)
      it(`with 502 by an upstream that answers ${name}, and the gateway lives on`, async () => {
        await ground.start();
        ground.accept = (_, socket) => {
          socket.write(`${head}\r\n\r\n`, 'latin1');
          return ground.ignore(_, socket);
        };
        assert.equal(await reasonOn(await ground.upgrade()), '502 upstream_broke_off');
        await eventually(() => assert.equal(ground.upstream.sockets.size, 0));
        ground.accept = () => true;
        const next = await ground.openSocket();
        next.socket.destroy();
      });

    it('by an upstream that says so, in its own words', async () => {
      const body = 'not now';
      ground.accept = (_, socket) => {
        socket.end(
          `HTTP/1.1 409 Busy\r\nContent-Length: ${body.length}\r\nLocation: /base/x\r\nX-Request-ID: evil\r\n\r\n${body}`,
        );
        return false;
      };
      await ground.start();
      const answer = parseAnswer(await (await ground.upgrade()).closed());
      assert.deepEqual([answer.status, answer.body], [409, 'not now']);
      assert.equal(answer.headers['location'], '/live/x');
      assert.equal(answer.headers['connection'], 'close');
      assert.notEqual(answer.headers['x-request-id'], 'evil');
      await eventually(() => assert.equal(ground.gateway.usage[0]?.status_code, 409));
      assert.equal(ground.gateway.usage[0]?.bytes_out, 7);
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
        await ground.start();
        const connection = await ground.send(target, ground.authorization(), ...lines);
        await connection.until(/200 OK.*no upgrade was asked for/s);
        assert.equal(ground.upstream.handshakes.length, 0);
        assert.doesNotMatch(ground.upstream.received(), /^upgrade:/im);
        connection.socket.destroy();
      });

    it('of the gateway itself', async () => {
      await ground.start();
      const connection = await ground.send('/livez', ...UPGRADE);
      await connection.until(/200 OK.*alive/s);
      connection.socket.destroy();
    });

    it('behind a request that is still being answered', async () => {
      await ground.start();
      const connection = await rawConnection(ground.gateway.port);
      const head = (target: string, ...lines: string[]) =>
        [`GET ${target} HTTP/1.1`, 'Host: x', ground.authorization(), ...lines, '', ''].join('\r\n');
      // Two fields of a name are more than plain: Node reads them, which begins a request while others before it go on.
      connection.send(head('/live/first', 'Accept: a', 'Accept: b') + head('/live/second', ...UPGRADE));
      await connection.until(/200 OK.*no upgrade was asked for.*200 OK.*no upgrade was asked for/s);
      connection.socket.destroy();
    });
  });
});
