import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';

export interface CuttingProxy extends AsyncDisposable {
  url: string;
  /** What was asked for and answered, of those that were cut and of all after them. */
  seen: { method: string; range: string | undefined; status: number | undefined }[];
  /** Ends the connection of each of the next requests after so many bytes of the body of the request, or the answer. */
  cut(method: 'GET' | 'PUT', ...bytes: readonly number[]): void;
}

/** Stands before a server and loses connections in the middle. */
export async function startCuttingProxy(upstreamUrl: string): Promise<CuttingProxy> {
  const seen: CuttingProxy['seen'] = [];
  const cuts: Record<string, number[]> = {};

  const forward = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { method = '', headers, url } = incoming;
    const limit = cuts[method]?.shift();
    const record: CuttingProxy['seen'][number] = { method, range: headers.range, status: undefined };
    seen.push(record);
    const ending = () => cutter(limit, () => outgoing.destroy());
    const { host: _, ...rest } = headers;
    const up = request(new URL(url ?? '', upstreamUrl), { method, headers: rest }, (answer) => {
      record.status = answer.statusCode;
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      (method === 'GET' ? answer.pipe(ending()) : answer).pipe(outgoing);
    });
    up.on('error', () => outgoing.destroy());
    outgoing.on('close', () => up.destroy());
    (method === 'PUT' ? incoming.pipe(ending()) : incoming).pipe(up);
  };

  const server = createServer(forward);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    cut(method, ...bytes) {
      seen.length = 0;
      cuts[method] = [...bytes];
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Passes on so many bytes, then does `end` in place of the rest. */
function cutter(limit: number | undefined, end: () => void): Transform {
  let left = limit ?? Number.POSITIVE_INFINITY;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const passed = chunk.subarray(0, left);
      left -= passed.length;
      if (left === 0) this.once('data', () => setImmediate(end));
      // Without `done`, nothing follows.
      if (left > 0) done(null, passed);
      else this.push(passed);
    },
  });
}
