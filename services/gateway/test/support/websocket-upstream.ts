/** An upstream that speaks WebSocket (RFC 6455): text messages come back in capitals. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { listen, type TestUpstream } from './upstream.ts';

export interface WebSocketUpstream extends TestUpstream {
  handshakes: IncomingMessage[];
  /** Connections that were upgraded, oldest first. */
  upgraded: Socket[];
}

/** `accept`: false leaves a handshake to the test. */
export async function startWebSocketUpstream(
  accept: (handshake: IncomingMessage, socket: Socket) => boolean = () => true,
): Promise<WebSocketUpstream> {
  const handshakes: IncomingMessage[] = [];
  const upgraded: Socket[] = [];
  const server = createServer((_, outgoing) => outgoing.end('no upgrade was asked for'));
  server.on('upgrade', (handshake: IncomingMessage, socket: Socket) => {
    handshakes.push(handshake);
    socket.on('error', () => {});
    if (!accept(handshake, socket)) return;
    socket.write(switching(handshake));
    upgraded.push(socket);
    socket.on('data', (bytes: Buffer) => answerFrames(socket, bytes)).on('end', () => socket.end());
  });
  return { handshakes, upgraded, ...(await listen(server, 0)) };
}

const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

function switching({ headers }: IncomingMessage): string {
  const accept = createHash('sha1').update(`${headers['sec-websocket-key']}${GUID}`).digest('base64');
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    ...['Connection: Upgrade', 'Upgrade: websocket', `Sec-WebSocket-Accept: ${accept}`],
    ...['Set-Cookie: a=1', 'Set-Cookie: b=2', 'Keep-Alive: timeout=5'],
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

const TEXT = 1;
const CLOSE = 8;

/** Frames of less than 126 bytes, masked, whole. */
function answerFrames(socket: Socket, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) {
    const opcode = (bytes[at] ?? 0) & 0x0f;
    const length = (bytes[at + 1] ?? 0) & 0x7f;
    const mask = bytes.subarray(at + 2, at + 6);
    const payload = bytes
      .subarray(at + 6, at + 6 + length)
      .map((byte, index) => byte ^ (mask[index % 4] ?? 0));
    at += 6 + length;
    const answer = opcode === TEXT ? Buffer.from(payload.toString().toUpperCase()) : payload;
    socket.write(Buffer.concat([Buffer.from([0x80 | opcode, answer.length]), answer]));
    if (opcode === CLOSE) socket.end();
  }
}
