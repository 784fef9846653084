/** Bodies for the tests, and requests by Node's client, which takes any of them. */
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

export const MIB = 1024 * 1024;

/** A request with the key, by Node's client: for what would be tedious to read from raw bytes. */
export function sendTo(port: number, key: string, method: string, path: string, headers: object = {}) {
  return request({ port, method, path, agent: false, headers: { authorization: key, ...headers } });
}

export async function responseOf(sent: ReturnType<typeof request>): Promise<IncomingMessage> {
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return response;
}

export const textOf = async (response: IncomingMessage): Promise<string> =>
  (await response.toArray()).join('');

/** Answers with the number of bytes that came. */
export const count = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
  let bytes = 0;
  incoming
    .on('error', () => {})
    .on('data', (chunk: Buffer) => {
      bytes += chunk.length;
    });
  incoming.on('end', () => outgoing.end(String(bytes)));
};

/** `bytes` in chunks of 1 MiB, made as they are read. */
export function zeros(bytes: number, onPushed: (bytes: number) => void = () => {}): Readable {
  const chunk = Buffer.alloc(MIB);
  let left = bytes;
  return new Readable({
    read() {
      left -= MIB;
      if (left >= 0) onPushed(MIB);
      this.push(left < 0 ? null : chunk);
    },
  });
}
