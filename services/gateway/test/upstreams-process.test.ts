/** Upstreams, open paths and the end of what is under way, with a gateway and the keys service as processes. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { eventually } from '@hokusai/testing';
import { parseAnswer, rawConnection } from './support/raw-client.ts';
import { type RealApi, startRealApi } from './support/real-api.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';
import { startWebSocketUpstream, type WebSocketUpstream } from './support/websocket-upstream.ts';

const SEARCH = '/mlflow/api/2.0/mlflow/experiments/search?max_results=1';

interface Key {
  id: string;
  key: string;
}

describe('the upstreams of a gateway', function () {
  this.timeout(60_000);
  let mlflow: HttpUpstream;
  let sockets: WebSocketUpstream;
  let api: RealApi;

  before(async () => {
    mlflow = await startHttpUpstream((incoming, outgoing) => {
      if (incoming.url?.includes('stream')) outgoing.write('first');
      else outgoing.end('mlflow');
    });
    sockets = await startWebSocketUpstream();
    const common = { upgrade: true, read_scope: 'mlflow:read', write_scope: 'mlflow:write' };
    api = await startRealApi({
      MLFLOW_UPSTREAM_URL: mlflow.url,
      EXCLUDED_PATHS: '/mlflow/api/2.0/mlflow/experiments/*',
      UPSTREAMS: JSON.stringify([{ ...common, id: 'live', prefix: '/live', target: sockets.url }]),
    });
  });
  after(async () => {
    await api?.close();
    await Promise.all([mlflow.close(), sockets.close()]);
  });

  async function manage(method: string, path: string, body?: object): Promise<Key> {
    const response = await fetch(`${api.url}/api/v1/auth/keys${path}`, {
      method,
      headers: { authorization: `Bearer ${api.adminKey}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    assert.ok(response.ok, `${response.status}`);
    return (await response.json()) as Key;
  }
  const createKey = () => manage('POST', '', { name: 'under way' });
  const beginStream = async ({ key }: Key) => {
    const headers = { authorization: `Bearer ${key}` };
    const sent = request({ port: api.port, path: '/mlflow/api/2.0/mlflow/runs/get?stream', headers });
    sent.end();
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    await once(response, 'data');
    return response.resume();
  };
  const openSocket = async ({ key }: Key) => {
    const connection = await rawConnection(api.port);
    connection.send(
      [
        ...['GET /live/socket HTTP/1.1', 'Host: x', `Authorization: Bearer ${key}`],
        ...['Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13'],
        ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''],
      ].join('\r\n'),
    );
    await connection.until(/\r\n\r\n/);
    assert.equal(parseAnswer(connection.text()).status, 101);
    return connection;
  };

  it('end what is under way of a key that is revoked, and of no other', async () => {
    const [doomed, neighbour] = [await createKey(), await createKey()];
    const stream = await beginStream(doomed);
    const ended = once(stream, 'end').catch(({ code }) => String(code));
    const socket = await openSocket(doomed);
    const other = await openSocket(neighbour);
    await manage('DELETE', `/${doomed.id}`);
    assert.equal(await ended, 'ECONNRESET');
    await socket.closed();
    await eventually(() => assert.equal(sockets.upgraded[0]?.destroyed, true));
    assert.equal(sockets.upgraded[1]?.destroyed, false);
    other.socket.destroy();
  });

  it('let what is under way go on after changes that leave it allowed', async () => {
    const [key, doomed] = [await createKey(), await createKey()];
    const socket = await openSocket(key);
    const other = await openSocket(doomed);
    await manage('PATCH', `/${key.id}`, { name: 'renamed', scopes: ['mlflow:write'] });
    // Whoever has heard of this has heard of the change before it, too.
    await manage('DELETE', `/${doomed.id}`);
    await other.closed();
    // A text frame, masked with zeros.
    socket.send(Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]));
    await socket.until(/HI$/);
    // A socket is judged as a write.
    await manage('PATCH', `/${key.id}`, { scopes: ['mlflow:read'] });
    await socket.closed();
  });

  it('are reached without a key where that is configured, and management is not', async () => {
    const response = await fetch(api.url + SEARCH, { headers: { 'x-api-key': 'anything' } });
    assert.equal(await response.text(), 'mlflow');
    assert.equal(mlflow.requests.at(-1)?.headers['x-api-key'], undefined);
    assert.equal((await fetch(`${api.url}/mlflow/api/2.0/mlflow/runs/get`)).status, 401);
    assert.equal((await fetch(`${api.url}/api/v1/auth/keys`)).status, 401);
    assert.equal((await fetch(`${api.url}/live/x`)).status, 401);
  });
});
