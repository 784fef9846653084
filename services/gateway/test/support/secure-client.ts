/** Clients that speak TLS with a gateway, and look at what it shows them. */
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import { request } from 'node:https';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';

export interface SecureAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
  /** Of the connection that the request went by. */
  socket: TLSSocket;
}

export interface SecureClient {
  /** On a connection of its own. */
  ask(path: string, headers?: Record<string, string>): Promise<SecureAnswer>;
  /** A connection that is ready for requests. Rejects where the two don't agree. */
  open(options?: ConnectionOptions): Promise<TLSSocket>;
  /** Of the certificate that a new connection is shown: who it is for. */
  shownName(): Promise<string>;
}

/** `ca`: whose certificates are trusted, in PEM. */
export function secureClient(port: number, ca: string): SecureClient {
  const to = { host: 'localhost', port, ca };
  const open = async (options: ConnectionOptions = {}) => {
    const socket = connect({ ...to, ...options });
    await once(socket, 'secureConnect');
    return socket;
  };
  return {
    open,
    ask: (path, headers = {}) =>
      new Promise((resolve, reject) => {
        const sent = request({ ...to, path, headers, agent: false }, (response) => {
          let body = '';
          const { statusCode: status = 0, headers: received, socket } = response;
          response.setEncoding('utf8').on('data', (text: string) => {
            body += text;
          });
          response.on('error', reject);
          response.on('end', () => resolve({ status, headers: received, body, socket: socket as TLSSocket }));
        });
        sent.on('error', reject).end();
      }),
    shownName: async () => {
      const socket = await open();
      const { subject } = socket.getPeerCertificate();
      socket.destroy();
      return String(subject.CN);
    },
  };
}
