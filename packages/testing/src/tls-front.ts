/**
 * TLS in front of a server that has been built without it, as the Postgres and the Redis of the Python wheels are:
 * what managed ones and their proxies do.
 */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { createSecureContext, TLSSocket } from 'node:tls';
import type { Identity } from './certificates.ts';

export interface TlsFront extends AsyncDisposable {
  /** Of the loopback address. */
  port: number;
  /** How many connections have agreed on TLS. */
  secured(): number;
  close(): Promise<void>;
}

export interface TlsFrontOptions {
  /** Of the server, on the loopback address. */
  port: number;
  identity: Identity;
  /** Postgres' clients ask for TLS in its own protocol first. */
  protocol: 'plain' | 'postgres';
  /** Takes only clients that show a certificate of this authority. */
  clientCa?: string;
}

/** PostgreSQL's protocol, message formats: SSLRequest, a length of 8 and a code. */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

export async function startTlsFront(options: TlsFrontOptions): Promise<TlsFront> {
  const sockets = new Set<Socket>();
  let secured = 0;
  const follow = (socket: Socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  };
  const onSecure = (socket: TLSSocket) => {
    secured += 1;
    const server = connect({ host: '127.0.0.1', port: options.port });
    follow(server);
    socket.pipe(server).pipe(socket);
    server.on('close', () => socket.destroy());
    socket.on('close', () => server.destroy());
  };
  const front = createServer((socket) => {
    follow(socket);
    void negotiate(socket, options).then((isWanted) => {
      if (isWanted) secure(socket, options, onSecure);
      else socket.destroy();
    });
  });
  front.listen(0, '127.0.0.1');
  await once(front, 'listening');
  const close = () => closeFront(front, sockets);
  const { port } = front.address() as AddressInfo;
  return { port, secured: () => secured, close, [Symbol.asyncDispose]: close };
}

/** False for a client that goes on in the clear. */
async function negotiate(socket: Socket, { protocol }: TlsFrontOptions): Promise<boolean> {
  if (protocol === 'plain') return true;
  const [request] = (await once(socket, 'data')) as [Buffer];
  if (!request.equals(SSL_REQUEST)) return false;
  // What comes next belongs to TLS.
  socket.pause();
  socket.write('S');
  return true;
}

function secure(socket: Socket, options: TlsFrontOptions, onSecure: (socket: TLSSocket) => void): void {
  const { certificate: cert, key } = options.identity;
  const { clientCa: ca } = options;
  const isVerifying = ca !== undefined;
  const secureContext = createSecureContext({ cert, key, ...(isVerifying && { ca }) });
  const encrypted = new TLSSocket(socket, {
    isServer: true,
    secureContext,
    requestCert: isVerifying,
    rejectUnauthorized: isVerifying,
  });
  encrypted.on('error', () => {});
  encrypted.once('secure', () => {
    if (isVerifying && encrypted.getPeerX509Certificate() === undefined) encrypted.destroy();
    else onSecure(encrypted);
  });
}

async function closeFront(front: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  for (const socket of sockets) socket.destroy();
  await new Promise((resolve) => front.close(resolve));
}
