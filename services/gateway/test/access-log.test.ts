/** The access log: a line for each request, however it ends, and no secret in any of them. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { eventually } from '@hokusai/testing';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { someKey } from './support/keys.ts';
import { rawConnection } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

type Line = Record<string, string | number | null>;

const RUN = '/mlflow/api/2.0/mlflow/runs/get?run_id=0123456789abcdef';
const HEADS = { 'user-agent': 'mlflow-python-client/3.14', 'x-request-id': 'r-1' };

describe('the access log', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let isAnswering = true;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      incoming.resume().on('end', () => isAnswering && outgoing.end('answer'));
    });
    gateway = await startGateway({ upstreamUrl: upstream.url });
  });
  afterEach(() => {
    gateway.accessLog.length = 0;
    isAnswering = true;
  });
  after(async () => {
    await gateway.close();
    await upstream.close();
  });

  const call = (path: string, headers: Record<string, string> = {}, options: RequestInit = {}) =>
    fetch(`${gateway.url}${path}`, { ...options, headers: { ...HEADS, ...headers } });
  const authorized = () => ({ authorization: `Bearer ${gateway.key.key}` });

  /** The one line that there is, once the exchange has ended. */
  async function lineOf(): Promise<Line> {
    const [text = ''] = await eventually(() => {
      assert.equal(gateway.accessLog.length, 1);
      return gateway.accessLog;
    });
    assert.ok(text.endsWith('}\n') && text.indexOf('\n') === text.length - 1, 'one line');
    return JSON.parse(text) as Line;
  }

  it('tells who asked for what, and what came of it', async () => {
    const path = '/mlflow/api/2.0/mlflow/runs/log-metric';
    await (await call(path, authorized(), { method: 'POST', body: '{"key": "loss"}' })).text();
    const { time, first_byte_ms, duration_ms, trace_id, ...line } = await lineOf();
    const { proof, state } = gateway.key.authenticated;
    assert.deepEqual(line, {
      ...{ level: 'info', service: 'gateway', log: 'access' },
      ...{ method: 'POST', upstream: 'mlflow', route: '/api/2.0/mlflow/runs/log-metric' },
      ...{ status: 200, reason: null, bytes_in: 15, bytes_out: 6, client_ip: '127.0.0.1' },
      ...{ user_agent_family: 'mlflow-python-client', request_id: 'r-1' },
      ...{ key_id: proof.keyId, key_prefix: proof.keyPrefix, user_id: state.owner.userId },
    });
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.match(String(trace_id), /^[0-9a-f]{32}$/);
    assert.ok(Number(first_byte_ms) > 0 && Number(first_byte_ms) <= Number(duration_ms));
  });

  it('tells why a request was refused, with the key where it is known', async () => {
    await (await call(RUN)).text();
    const { status, reason, key_id, route } = await lineOf();
    assert.deepEqual([status, reason, key_id, route], [401, 'key_missing', null, '/api/2.0/mlflow/runs/get']);
    gateway.accessLog.length = 0;
    await (await call('/mlflow/api/2.0/mlflow/users/create', authorized(), { method: 'POST' })).text();
    const admin = await lineOf();
    assert.equal(admin['key_id'], gateway.key.authenticated.proof.keyId);
    assert.notEqual(admin['reason'], null);
  });

  it('has requests to the management API, and those to no address at all', async () => {
    await (await call('/api/v1/auth/whoami')).text();
    const { upstream, route, status } = await lineOf();
    assert.deepEqual([upstream, route, status], ['api', '/api/v1/auth/whoami', 401]);
    gateway.accessLog.length = 0;
    await (await call('/nowhere')).text();
    const nowhere = await lineOf();
    assert.deepEqual(
      [nowhere['upstream'], nowhere['route'], nowhere['status'], nowhere['reason']],
      [null, null, 404, 'unknown_route'],
    );
  });

  it('has the request of a client that left before its answer', async () => {
    isAnswering = false;
    const before = upstream.requests.length;
    const sent = request(`${gateway.url}${RUN}`, { headers: authorized() });
    sent.on('error', () => {});
    sent.end();
    await eventually(() => assert.equal(upstream.requests.length, before + 1));
    sent.destroy();
    const { status, first_byte_ms } = await lineOf();
    assert.deepEqual([status, first_byte_ms], [499, null]);
  });

  it('holds no key, wherever a client puts one', async () => {
    const { key } = gateway.key;
    const unknown = someKey();
    const basic = Buffer.from(`user:${key}`).toString('base64');
    for (const headers of [
      { authorization: `Bearer ${unknown}` },
      { authorization: `Basic ${basic}` },
      { ...authorized(), 'x-request-id': key, 'user-agent': key, referer: `http://x/?api_key=${key}` },
      { ...authorized(), traceparent: `00-${key}-${key}-01`, 'x-forwarded-for': key },
    ])
      await (await call(RUN, headers)).text();
    for (const path of [`${RUN}&api_key=${key}`, `/mlflow/${key}`, `/${key}`, `/api/v1/auth/keys/${key}`])
      await (await call(path, authorized())).text();
    const raw = await rawConnection(gateway.port);
    raw.send(`${key} / HTTP/1.1\r\nHost: x\r\n\r\n`);
    await raw.closed();
    await eventually(() => assert.equal(gateway.accessLog.length, 8));
    const text = gateway.accessLog.join('');
    for (const secret of [key, unknown]) assert.ok(!text.includes(secret.slice(20)), 'no secret part');
    assert.ok(!text.includes(basic));
    assert.ok(!text.includes('0123456789abcdef'), 'no value of the query');
  });

  it('says so now and then where its lines are dropped', async () => {
    const output = { write: () => {}, dropped: 0 };
    const losing = await startGateway({ upstreamUrl: upstream.url, accessOutput: output });
    try {
      for (let count = 0; count < 20; count++) {
        await (await fetch(losing.url)).text();
        output.dropped += 1;
      }
      const told = losing.log.filter((line) => line.includes('were dropped'));
      assert.deepEqual(
        told.map((line) => (JSON.parse(line) as Line)['dropped']),
        [1, 2, 4, 8, 16],
      );
    } finally {
      await losing.close();
    }
  });
});
