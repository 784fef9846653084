/** A gateway in front of an upstream that speaks WebSocket, for the tests of upgraded connections. */
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { startGateway, type TestGateway, type TestGatewayOptions } from './gateway.ts';
import { parseAnswer, type RawConnection, rawConnection } from './raw-client.ts';
import { rowsOf } from './upstream-rows.ts';
import { startWebSocketUpstream, type WebSocketUpstream } from './websocket-upstream.ts';

export const PUBLIC_ORIGIN = 'http://gateway.example';
export const HANDSHAKE = ['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13'];
export const UPGRADE = ['Connection: Upgrade', 'Upgrade: websocket', ...HANDSHAKE];

type Accept = (handshake: IncomingMessage, socket: Socket) => boolean;

export class UpgradeGround {
  upstream!: WebSocketUpstream;
  gateway!: TestGateway;
  /** Whether the upstream switches by itself; false leaves it to the test. */
  accept: Accept = () => true;

  /** To be called before each test. */
  async open(): Promise<void> {
    this.accept = () => true;
    this.upstream = await startWebSocketUpstream((handshake, socket) => this.accept(handshake, socket));
  }

  /** `row`: what is different in the table of upstreams. */
  async start(options: Partial<TestGatewayOptions> = {}, row: object = {}): Promise<void> {
    const common = { prefix: '/live', read_scope: 'mlflow:read', write_scope: 'mlflow:write' };
    this.gateway = await startGateway({
      upstreamUrl: this.upstream.url,
      publicOrigins: [PUBLIC_ORIGIN],
      rows: rowsOf({ ...common, id: 'live', target: `${this.upstream.url}/base`, upgrade: true, ...row }),
      ...options,
    });
  }

  async close(): Promise<void> {
    await this.gateway.close();
    await this.upstream.close();
  }

  /** Takes a handshake and says nothing. */
  readonly ignore: Accept = (_, socket) => {
    socket.resume().on('end', () => socket.end());
    return false;
  };

  authorization(): string {
    return `Authorization: Bearer ${this.gateway.key.key}`;
  }

  async send(target: string, ...lines: string[]): Promise<RawConnection> {
    const connection = await rawConnection(this.gateway.port);
    connection.send([`GET ${target} HTTP/1.1`, 'Host: x', ...lines, '', ''].join('\r\n'));
    return connection;
  }

  upgrade(target = '/live/socket', ...lines: string[]): Promise<RawConnection> {
    return this.send(target, this.authorization(), ...UPGRADE, ...lines);
  }

  /** Upgraded already. */
  async openSocket(target?: string, ...lines: string[]): Promise<RawConnection> {
    const connection = await this.upgrade(target, ...lines);
    await connection.until(/\r\n\r\n/);
    assert.equal(parseAnswer(connection.text()).status, 101);
    return connection;
  }
}

/** The error that a connection was answered with before it was closed. */
export async function refusalOn(connection: RawConnection) {
  const { status, headers, body } = parseAnswer(await connection.closed());
  const { type } = JSON.parse(body) as { type: string };
  return { status, headers, reason: type.replace('urn:hokusai:error:', '') };
}

/** As `403 scope_missing`. */
export async function reasonOn(connection: RawConnection): Promise<string> {
  const { status, reason } = await refusalOn(connection);
  return `${status} ${reason}`;
}
