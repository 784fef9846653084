/** Sends bytes as they are: what HTTP clients refuse to send is what gateways trip over. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface RawAnswer {
  status: number;
  /** Lower-case names; several values joined with commas. */
  headers: Record<string, string>;
  /** As it came, chunk sizes included. */
  body: string;
}

export interface RawConnection {
  socket: Socket;
  send(bytes: string | Buffer): void;
  /** All that came back so far. */
  text(): string;
  /** Resolves when what came back matches; rejects when the connection closes before. */
  until(pattern: RegExp): Promise<string>;
  /** Resolves with all that came back when the connection is closed. */
  closed(): Promise<string>;
}

/** From any loopback address. */
export async function rawConnection(port: number, localAddress = '127.0.0.1'): Promise<RawConnection> {
  const socket = connect({ port, host: '127.0.0.1', localAddress });
  let received = '';
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
  });
  socket.on('error', () => {});
  await once(socket, 'connect');
  const closed = new Promise<string>((resolve) => socket.on('close', () => resolve(received)));
  return {
    socket,
    send: (bytes) => socket.write(bytes, 'latin1'),
    text: () => received,
    closed: () => closed,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(received)) resolve(received);
          else if (socket.destroyed)
            reject(new Error(`closed before ${pattern} came; got: ${JSON.stringify(received)}`));
        };
        socket.on('data', look).on('close', look);
        look();
      }),
  };
}

/** One request on its own connection, whatever its bytes; resolves with all that came back until it closed. */
export async function sendRaw(port: number, bytes: string | Buffer): Promise<string> {
  const connection = await rawConnection(port);
  connection.send(bytes);
  return await connection.closed();
}

/** The first answer in the bytes. */
export function parseAnswer(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = text.slice(0, end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    headers[name] = headers[name] === undefined ? value : `${headers[name]}, ${value}`;
  }
  return { status: Number(statusLine.split(' ')[1]), headers, body: text.slice(end + 4) };
}
