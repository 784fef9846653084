/** What reaches the upstream of a request, and the client of an answer. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { eventually } from '@hokusai/testing';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { testKey } from './support/key.ts';
import { parseAnswer, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

type Answer = (incoming: IncomingMessage, outgoing: ServerResponse) => void;

const echo: Answer = (incoming, outgoing) => {
  outgoing.setHeader('Content-Type', 'application/json');
  incoming.pipe(outgoing);
};

describe('forwarding', () => {
  let upstream: HttpUpstream;
  let testUpstream: HttpUpstream;
  let gateway: TestGateway;
  let answer = echo;
  let bearer: { authorization: string };

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => answer(incoming, outgoing));
    testUpstream = await startHttpUpstream(echo);
    gateway = await startGateway({ upstreamUrl: upstream.url, testUpstreamUrl: testUpstream.url });
    bearer = { authorization: `Bearer ${gateway.key.key}` };
  });
  afterEach(() => {
    answer = echo;
  });
  after(async () => {
    await gateway.close();
    await upstream.close();
    await testUpstream.close();
  });

  /** Header lines of a request's head, besides the key. */
  const raw = (requestLine: string, ...lines: string[]) =>
    sendRaw(
      gateway.port,
      [
        requestLine,
        `Host: gateway.example:${gateway.port}`,
        `Authorization: Bearer ${gateway.key.key}`,
        'Connection: close',
        ...lines,
        '',
        '',
      ].join('\r\n'),
    );
  const got = () => upstream.requests.at(-1) as IncomingMessage;
  /** All values of a header, of any spelling of its name. */
  const values = (name: string) =>
    got().rawHeaders.filter((_, index, all) => index % 2 === 1 && all[index - 1]?.toLowerCase() === name);

  describe('of a request', () => {
    it('passes method, query and body on as they are', async () => {
      const path = '/api/2.0/mlflow/runs/create?a=%7e&b=%2F;c&&=&d=%zz';
      const response = await fetch(`${gateway.url}/mlflow${path}`, {
        method: 'POST',
        headers: bearer,
        body: '{"a":1}',
      });
      assert.equal(response.status, 200);
      assert.equal(await response.text(), '{"a":1}');
      assert.equal(got().method, 'POST');
      assert.equal(got().url, path);
    });

    it('passes the body of a DELETE and of a PATCH on', async () => {
      const path = '/mlflow/api/2.0/mlflow/registered-models/delete';
      for (const method of ['DELETE', 'PATCH']) {
        const response = await fetch(gateway.url + path, { method, headers: bearer, body: '{"name":"x"}' });
        assert.equal(await response.text(), '{"name":"x"}');
        assert.deepEqual([got().method, got().headers['content-length']], [method, '12']);
      }
    });

    it('keeps a question mark without a query', async () => {
      await raw('GET /mlflow/api/2.0/mlflow/runs/get? HTTP/1.1');
      assert.equal(got().url, '/api/2.0/mlflow/runs/get?');
    });

    it('passes other headers on byte for byte, in their order, duplicates included', async () => {
      await raw(
        'GET /mlflow/api/2.0/mlflow/runs/get HTTP/1.1',
        'X-MLflow-WORKSPACE: caf\xe9  "x"',
        'x-twice: 1',
        'X-Twice: 2',
        'x-empty:',
        'Cookie: a=b',
      );
      const kept = got().rawHeaders.slice(got().rawHeaders.indexOf('X-MLflow-WORKSPACE'));
      assert.deepEqual(kept, [
        ...['X-MLflow-WORKSPACE', 'caf\xe9  "x"'],
        ...['x-twice', '1', 'X-Twice', '2', 'x-empty', '', 'Cookie', 'a=b'],
      ]);
    });

    it('says itself who is asking, for whom, and what it is called', async () => {
      await raw('GET /mlflow/api/2.0/mlflow/runs/get HTTP/1.1');
      const { state } = gateway.key.authenticated;
      const { headers } = got();
      assert.equal(headers.host, `127.0.0.1:${upstream.port}`);
      assert.equal(headers['x-forwarded-for'], '127.0.0.1');
      assert.equal(headers['x-forwarded-proto'], 'http');
      assert.equal(headers['x-forwarded-host'], `gateway.example:${gateway.port}`);
      assert.equal(headers['x-forwarded-prefix'], '/mlflow');
      assert.equal(headers['x-hokusai-user'], state.owner.userId);
      assert.equal(headers['x-hokusai-key-id'], state.keyId);
      assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/);
      assert.match(String(headers['traceparent']), /^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    });

    it('keeps a good request id and replaces others', async () => {
      const good = parseAnswer(await raw('GET /mlflow/version HTTP/1.1', 'X-Request-ID: my-id_1.2'));
      assert.equal(good.headers['x-request-id'], 'my-id_1.2');
      assert.deepEqual(values('x-request-id'), ['my-id_1.2']);
      const bad = parseAnswer(await raw('GET /mlflow/version HTTP/1.1', 'X-Request-ID: a b'));
      assert.match(String(bad.headers['x-request-id']), /^[0-9a-f-]{36}$/);
      assert.deepEqual(values('x-request-id'), [bad.headers['x-request-id']]);
    });

    it('continues a valid trace with a span of its own', async () => {
      const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
      const inbound = `traceparent: 00-${traceId}-00f067aa0ba902b7-01`;
      await raw('GET /mlflow/version HTTP/1.1', inbound, 'tracestate: a=b');
      const [outbound = ''] = values('traceparent');
      assert.match(outbound, new RegExp(`^00-${traceId}-[0-9a-f]{16}-01$`));
      assert.doesNotMatch(outbound, /00f067aa0ba902b7/);
      assert.deepEqual(values('tracestate'), ['a=b']);
      await raw('GET /mlflow/version HTTP/1.1', 'traceparent: nonsense', 'tracestate: a=b');
      assert.deepEqual(values('tracestate'), []);
    });

    it('takes a head of 60 KiB and refuses one of 70', async () => {
      const long = (kib: number) => `X-Long: ${'x'.repeat(kib * 1024)}`;
      assert.equal(parseAnswer(await raw('GET /mlflow/version HTTP/1.1', long(15))).status, 200);
      assert.equal(parseAnswer(await raw('GET /mlflow/version HTTP/1.1', long(60))).status, 200);
      assert.equal(values('x-long')[0]?.length, 60 * 1024);
      const refused = parseAnswer(await raw('GET /mlflow/version HTTP/1.1', long(70)));
      assert.equal(refused.status, 431);
      assert.match(refused.body, /"request_id"/);
    });

    it('takes as many headers as fit', async () => {
      const many = Array.from({ length: 3000 }, (_, index) => `x-${index}: 1`);
      await raw('GET /mlflow/version HTTP/1.1', ...many);
      assert.deepEqual(values('x-2999'), ['1']);
    });

    it('sends test keys to the upstream for them', async () => {
      const { key } = gateway.add(testKey({ environment: 'test' }));
      const before = upstream.requests.length;
      await fetch(`${gateway.url}/mlflow/api/2.0/mlflow/runs/get`, {
        headers: { authorization: `Bearer ${key}` },
      });
      assert.equal(testUpstream.requests.length, 1);
      assert.equal(upstream.requests.length, before);
    });

    it('asks for no key on public routes, and says nobody is asking', async () => {
      const response = await fetch(`${gateway.url}/mlflow/health`, { headers: bearer });
      assert.equal(response.status, 200);
      assert.deepEqual(values('x-hokusai-user'), []);
      assert.deepEqual(values('authorization'), []);
      assert.equal((await fetch(`${gateway.url}/mlflow/health`)).status, 200);
    });
  });

  describe('of an answer', () => {
    for (const status of [201, 400, 401, 403, 404, 422, 500])
      it(`passes a ${status} on with its body`, async () => {
        answer = (_, outgoing) =>
          outgoing.writeHead(status, 'Of MLflow', { 'WWW-Authenticate': 'x' }).end('{"error_code":"X"}');
        const response = await fetch(`${gateway.url}/mlflow/api/2.0/mlflow/runs/get`, { headers: bearer });
        assert.equal(response.status, status);
        assert.equal(response.statusText, 'Of MLflow');
        assert.equal(response.headers.get('www-authenticate'), 'x');
        assert.equal(await response.text(), '{"error_code":"X"}');
      });

    it('keeps headers byte for byte, duplicates included', async () => {
      answer = (_, outgoing) =>
        outgoing
          .writeHead(200, [
            'X-MiXed',
            'caf\xe9',
            'Set-Cookie',
            'a=1',
            'Set-Cookie',
            'b=2',
            'Content-Length',
            '0',
          ])
          .end();
      const text = await raw('GET /mlflow/api/2.0/mlflow/runs/get HTTP/1.1');
      assert.match(
        text,
        /\r\nX-MiXed: caf\xe9\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n/,
      );
    });

    const locations = (port: number) => [
      ['/ajax-api/x?y#z', '/mlflow/ajax-api/x?y#z'],
      [`http://127.0.0.1:${port}/x`, '/mlflow/x'],
      [`http://127.0.0.1:${port}`, '/mlflow/'],
      [`//127.0.0.1:${port}/x`, '/mlflow/x'],
      ['relative', 'relative'],
      ['https://storage.example/bucket?signature=1', 'https://storage.example/bucket?signature=1'],
    ];
    it('points redirects to where the client sees the upstream', async () => {
      for (const [stated = '', expected] of locations(upstream.port)) {
        answer = (_, outgoing) => outgoing.writeHead(302, { Location: stated }).end();
        const response = await fetch(`${gateway.url}/mlflow/`, { headers: bearer, redirect: 'manual' });
        assert.equal(response.headers.get('location'), expected, stated);
      }
    });

    it('keeps a browser from running an artifact', async () => {
      answer = (_, outgoing) =>
        outgoing
          .writeHead(200, { 'Content-Type': 'text/html', 'Content-Security-Policy': "default-src 'self'" })
          .end('x');
      const artifact = '/mlflow/api/2.0/mlflow-artifacts/artifacts/1/a/artifacts/page.html';
      const { headers } = await fetch(`${gateway.url}${artifact}`, { headers: bearer });
      assert.equal(headers.get('content-security-policy'), 'sandbox');
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      const page = await fetch(`${gateway.url}/mlflow/`, { headers: bearer });
      assert.equal(page.headers.get('content-security-policy'), "default-src 'self'");
    });

    it('keeps what came for a key in the URL out of caches and referrers', async () => {
      answer = (_, outgoing) => outgoing.writeHead(200, { 'Cache-Control': 'public, max-age=9' }).end('x');
      const { status, headers } = await fetch(`${gateway.url}/mlflow/?api_key=${gateway.key.key}`);
      assert.equal(status, 200);
      assert.equal(headers.get('cache-control'), 'no-store');
      assert.equal(headers.get('referrer-policy'), 'no-referrer');
    });
  });

  describe('of /mlflow itself', () => {
    it('is a redirect into it, without the key', async () => {
      const url = `${gateway.url}/mlflow?a=%20&api_key=${gateway.key.key}&b`;
      const { status, headers } = await fetch(url, { redirect: 'manual' });
      assert.equal(status, 308);
      assert.equal(headers.get('location'), '/mlflow/?a=%20&b');
    });

    it('is nothing for other methods, and neither is another spelling', async () => {
      for (const [method, path] of [
        ['POST', '/mlflow'],
        ['GET', '/MLFLOW/'],
        ['GET', '/mlflowx'],
        ['GET', '/%6dlflow/'],
      ]) {
        const { status } = await fetch(`${gateway.url}${path}`, {
          method: method as string,
          headers: bearer,
        });
        assert.equal(status, 404, path);
      }
    });
  });

  it('meters each request once', async () => {
    gateway.usage.length = 0;
    await fetch(`${gateway.url}/mlflow/api/2.0/mlflow/runs/create`, {
      method: 'POST',
      headers: { ...bearer, 'user-agent': 'mlflow-python-client/3.17.0' },
      body: 'x'.repeat(1000),
    }).then((response) => response.text());
    await eventually(() => assert.equal(gateway.usage.length, 1));
    const [usage] = gateway.usage;
    assert.equal(usage?.key_id, gateway.key.authenticated.state.keyId);
    assert.equal(usage?.secret_prefix, gateway.key.prefix);
    assert.equal(usage?.endpoint, '/api/2.0/mlflow/runs/create');
    assert.equal(usage?.status_code, 200);
    assert.equal(usage?.bytes_in, 1000);
    assert.equal(usage?.bytes_out, 1000);
    assert.equal(usage?.user_agent_family, 'mlflow-python-client');
    assert.equal(usage?.refusal, null);
    assert.ok((usage?.first_byte_ms ?? -1) >= 0);
    assert.ok((usage?.response_time_ms ?? -1) >= (usage?.first_byte_ms ?? 0));
  });
});
