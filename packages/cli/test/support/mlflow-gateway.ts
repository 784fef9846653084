/** An MLflow server at `/mlflow` of an address, as it is behind a gateway, for whoever shows the key. */
import { once } from 'node:events';
import { request as ask, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sharedMlflow } from '@hokusai/testing';

export interface MlflowGateway {
  url: string;
  close(): Promise<void>;
}

export async function startMlflowGateway(key: string): Promise<MlflowGateway> {
  const { url: mlflow } = await sharedMlflow();
  const server = createServer((incoming, outgoing) => {
    const { method, url = '', headers } = incoming;
    if (!url.startsWith('/mlflow/') || headers.authorization !== `Bearer ${key}`) {
      outgoing.writeHead(401, { 'content-type': 'application/json' });
      outgoing.end(JSON.stringify({ error_code: 'UNAUTHENTICATED', message: 'This is not the key.' }));
      return;
    }
    const { host: _host, authorization: _authorization, ...forwarded } = headers;
    const upstream = ask(mlflow + url.slice('/mlflow'.length), { method, headers: forwarded }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    upstream.on('error', () => outgoing.destroy());
    incoming.pipe(upstream);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
