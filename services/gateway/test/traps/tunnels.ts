/** Connections that become something else than HTTP, at an upstream that takes them. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { eventually } from '@hokusai/testing';
import { parseAnswer } from '../support/raw-client.ts';
import { type Ground, TUNNEL } from './support/ground.ts';

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
const UPGRADE = [
  'Connection: Upgrade',
  'Upgrade: websocket',
  'Sec-WebSocket-Version: 13',
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
];
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: x\r\n\r\n';

export function tunnels(ground: Ground): void {
  describe('of tunnels', () => {
    const request = (...lines: string[]) =>
      `GET ${TUNNEL} HTTP/1.1\r\nHost: x\r\n${[...UPGRADE, ...lines].join('\r\n')}\r\n\r\n`;
    const authorized = (...lines: string[]) => request(...lines, `Authorization: ${ground.key}`);
    const answering = (answer: string) => (socket: Socket) => {
      socket.once('data', () => socket.write(answer));
    };

    leavers(ground, authorized, answering);
    untold(ground, request, authorized, answering);

    for (const [name, answer] of [
      ['a refusal', 'HTTP/1.1 426 Upgrade Required\r\nContent-Length: 0\r\n\r\n'],
      ['an ordinary answer', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
    ] as const) {
      ground.trap(`what a client sends behind ${name} is no request to the upstream`, async () => {
        ground.tunnel.onSocket = answering(answer);
        const connection = await ground.connect();
        connection.send(authorized() + SMUGGLED);
        await connection.until(/\r\n\r\n/);
        connection.send(SMUGGLED);
        await connection.closed();
        assert.equal(String(parseAnswer(connection.text()).status), answer.split(' ')[1]);
        assert.doesNotMatch(ground.tunnel.received(), /smuggled/);
      });
    }

    for (const [name, answer] of [
      ['another protocol', SWITCHING.replace('websocket', 'evil')],
      ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
      ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
      ['a header that can not be sent on', SWITCHING.replace('\r\n\r\n', '\r\nX: a\x01b\r\n\r\n')],
    ] as const) {
      ground.trap(`an upstream that answers an upgrade with ${name}`, async () => {
        ground.tunnel.onSocket = answering(answer);
        const connection = await ground.connect();
        connection.send(authorized());
        await Promise.race([connection.closed(), connection.until(/\r\n\r\n/).catch(() => {})]);
        connection.socket.destroy();
      });
    }
  });
}

type Request = (...lines: string[]) => string;
type Answering = (answer: string) => (socket: Socket) => void;

function leavers(ground: Ground, authorized: Request, answering: Answering): void {
  for (const side of ['the client', 'the upstream'] as const) {
    ground.trap(`${side} resets the connection as soon as it is upgraded`, async () => {
      for (let round = 0; round < 20; round += 1) {
        const taken: Socket[] = [];
        ground.tunnel.onSocket = (socket) => {
          taken.push(socket);
          answering(`${SWITCHING}hello`)(socket);
        };
        const connection = await ground.connect();
        connection.send(`${authorized()}early`);
        await connection.until(/101/);
        connection.send('more');
        const [upstream] = taken;
        assert.ok(upstream);
        const other = side === 'the client' ? upstream : connection.socket;
        (side === 'the client' ? connection.socket : upstream).resetAndDestroy();
        await eventually(() => assert.ok(other.destroyed));
      }
    });
  }

  ground.trap('clients reset their connections before the upgrade is answered', async () => {
    ground.tunnel.onSocket = () => {};
    for (let round = 0; round < 20; round += 1) {
      const { socket } = await ground.connect();
      socket.write(authorized(), () => socket.resetAndDestroy());
      await once(socket, 'close');
    }
    await eventually(() => assert.equal(ground.tunnel.sockets.size, 0));
  });
}

/** The handshake has the headers that any other request would have. */
function untold(ground: Ground, request: Request, authorized: Request, answering: Answering): void {
  ground.trap('an upgrade without a key is 401, and asks the upstream nothing', async () => {
    const before = ground.tunnel.connectionCount();
    assert.equal(parseAnswer(await ground.send(request())).status, 401);
    assert.equal(ground.tunnel.connectionCount(), before);
  });

  for (const line of [
    'X-Hokusai-User: evil',
    'X_Hokusai_User: evil',
    'X-Forwarded-For: 6.6.6.6',
    'Forwarded: for=6.6.6.6',
    'Connection: X-Hokusai-User',
    'X-Original-URL: /evil',
    'Proxy-Authorization: Bearer evil',
  ]) {
    ground.trap(`an upgrade with ${line}`, async () => {
      ground.tunnel.onSocket = answering(SWITCHING);
      const connection = await ground.connect();
      connection.send(authorized(line));
      await connection.until(/101/);
      const { target, raw } = ground.tunnel.heads.at(-1) ?? assert.fail('nothing came');
      assert.equal(target, '/socket');
      assert.doesNotMatch(raw, /evil|6\.6\.6\.6/);
      assert.equal(raw.match(/\r\nx-hokusai-user: /gi)?.length, 1);
      connection.socket.destroy();
    });
  }

  ground.trap('an upgrade with the key in a protocol, as pages send it', async () => {
    ground.tunnel.onSocket = answering(SWITCHING);
    const connection = await ground.connect();
    connection.send(authorized(`Sec-WebSocket-Protocol: chat, ${ground.key}`, `Cookie: key=${ground.key}`));
    await connection.until(/101/);
    assert.ok(!ground.tunnel.received().includes(ground.key.slice(20)));
    connection.socket.destroy();
  });

  ground.trap('an upgrade to h2c is not passed on there either', async () => {
    const lines = ['Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'];
    ground.tunnel.onSocket = answering('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    const connection = await ground.connect();
    connection.send(
      `GET ${TUNNEL} HTTP/1.1\r\nHost: x\r\n${lines.join('\r\n')}\r\nAuthorization: ${ground.key}\r\n\r\n`,
    );
    await Promise.race([connection.closed(), connection.until(/\r\n\r\n/)]);
    assert.doesNotMatch(ground.tunnel.received(), /h2c|http2-settings/i);
    connection.socket.destroy();
  });
}
