/** What the gateway itself refuses, and how it says so. */
import assert from 'node:assert/strict';
import { HokusaiError } from '@hokusai/contracts';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { testKey } from './support/key.ts';
import { parseAnswer, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

const READ = '/mlflow/api/2.0/mlflow/runs/get';
const WRITE = '/mlflow/api/2.0/mlflow/runs/create';

describe('refusals', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => {
      incoming.resume();
      outgoing.end('served');
    });
    gateway = await startGateway({ upstreamUrl: upstream.url, publicOrigins: ['http://mlflow.example'] });
  });
  after(async () => {
    await gateway.close();
    await upstream.close();
  });

  const ask = (path: string, init: RequestInit & { key?: string } = {}) =>
    fetch(gateway.url + path, {
      ...init,
      headers: { authorization: `Bearer ${init.key ?? gateway.key.key}`, ...init.headers },
    });
  const reasonOf = async (response: Response) =>
    ((await response.json()) as { type: string }).type.replace('urn:hokusai:error:', '');

  describe('say how to authenticate', () => {
    it('without an error where there was no attempt', async () => {
      const { headers } = await fetch(gateway.url + READ);
      assert.equal(headers.get('www-authenticate'), 'Bearer realm="Hokusai"');
      assert.equal(headers.get('content-type'), 'application/problem+json');
    });

    it('with one where the key is wrong, in quotable characters', async () => {
      const response = await ask(READ, { key: testKey().key });
      assert.equal(response.status, 401);
      assert.match(
        response.headers.get('www-authenticate') ?? '',
        /^Bearer realm="Hokusai", error="invalid_token", error_description="[\x20\x21\x23-\x5b\x5d-\x7e]+"$/,
      );
    });

    it('by a password prompt where a page is asked for, but not to scripts', async () => {
      const page = await fetch(`${gateway.url}/mlflow/`, { headers: { accept: 'text/html,*/*;q=0.8' } });
      assert.equal(page.headers.get('www-authenticate'), 'Basic realm="Hokusai", charset="UTF-8"');
      // What the page loads: a browser that was given the password in the address sends it only when asked.
      const asset = await fetch(`${gateway.url}/mlflow/static-files/static/js/main.js`, {
        headers: { accept: '*/*', 'sec-fetch-site': 'same-origin' },
      });
      assert.match(asset.headers.get('www-authenticate') ?? '', /^Basic/);
      const script = await fetch(`${gateway.url}/mlflow/`, { headers: { accept: 'application/json' } });
      assert.match(script.headers.get('www-authenticate') ?? '', /^Bearer/);
    });

    it('and which scope is missing', async () => {
      const { key } = gateway.add(testKey({ scopes: ['mlflow:read'] }));
      const response = await ask(WRITE, { method: 'POST', body: '{}', key });
      assert.equal(response.status, 403);
      assert.match(
        response.headers.get('www-authenticate') ?? '',
        /insufficient_scope", scope="mlflow:write"$/,
      );
    });
  });

  it('of a proved key stand in its usage and in the audit log', async () => {
    const { key, prefix, authenticated } = gateway.add(testKey({ isActive: false, revokedAtMs: Date.now() }));
    const { state } = authenticated;
    gateway.usage.length = 0;
    gateway.refusals.length = 0;
    const response = await ask(READ, { key, headers: { 'user-agent': 'x/1' } });
    assert.equal(response.status, 403);
    const { message, request_id } = (await response.json()) as Record<string, string>;
    assert.match(message ?? '', new RegExp(`${prefix} was revoked.*${request_id}`));
    const { refusal, status_code, key_id } = gateway.usage[0] ?? {};
    assert.deepEqual(
      { refusal, status_code, key_id },
      { refusal: 'key_revoked', status_code: 403, key_id: state.keyId },
    );
    const [reported] = gateway.refusals;
    assert.deepEqual(
      { ...reported, traceId: null },
      {
        reason: 'key_revoked',
        clientIp: '127.0.0.1',
        keyPrefix: prefix,
        keyId: state.keyId,
        userId: state.owner.userId,
        route: 'GET /api/2.0/mlflow/runs/get',
        userAgent: 'x/1',
        requestId: request_id,
        traceId: null,
      },
    );
  });

  it('of an expired key say since when, before the keys service has deactivated it and after', async () => {
    const expired = { expiresAtMs: Date.UTC(2026, 2, 1, 12) };
    for (const state of [expired, { ...expired, isActive: false }]) {
      const { key, prefix } = gateway.add(testKey(state));
      const response = await ask(READ, { key });
      assert.equal(response.status, 403);
      const { type, message } = (await response.json()) as Record<string, string>;
      assert.equal(type, 'urn:hokusai:error:key_expired');
      assert.match(
        message ?? '',
        new RegExp(`${prefix} expired on 2026-03-01T12:00:00Z\\. Create a new key`),
      );
    }
  });

  describe('of paths and methods', () => {
    const cases: [method: string, path: string, reason: string][] = [
      ['GET', '/mlflow/..;/x', 'ambiguous_path'],
      ['TRACE', READ, 'method_not_allowed'],
      ['PROPFIND', READ, 'method_not_allowed'],
      ['GET', '/mlflow/unheard-of', 'unknown_route'],
      ['GET', '/mlflow/api/3.0/mlflow/assistant/config', 'route_switched_off'],
    ];
    for (const [method, path, reason] of cases) {
      it(`are noted: ${method} ${path}`, async () => {
        gateway.usage.length = 0;
        gateway.anonymous.length = 0;
        const head = [`${method} ${path} HTTP/1.1`, 'Host: x', `Authorization: Bearer ${gateway.key.key}`];
        await sendRaw(gateway.port, `${[...head, 'Connection: close'].join('\r\n')}\r\n\r\n`);
        const noted = [
          ...gateway.usage.map(({ refusal }) => refusal),
          ...gateway.anonymous.map((one) => one.reason),
        ];
        assert.deepEqual(noted, [reason]);
      });
    }

    it('tell strangers nothing of what exists', async () => {
      for (const path of ['/mlflow/unheard-of', '/mlflow/api/3.0/mlflow/assistant/config', READ])
        assert.equal((await fetch(gateway.url + path)).status, 401, path);
    });
  });

  describe('of what a foreign site makes a browser send', () => {
    const cases: [name: string, method: string, headers: Record<string, string>, status: number][] = [
      ['a write from another site', 'POST', { 'sec-fetch-site': 'cross-site' }, 403],
      ['a write from a neighbouring host', 'POST', { 'sec-fetch-site': 'same-site' }, 403],
      ['a write of a foreign origin', 'POST', { origin: 'http://evil.example' }, 403],
      ['a write of an opaque origin', 'POST', { origin: 'null' }, 403],
      [
        'a write from our own page',
        'POST',
        { 'sec-fetch-site': 'same-origin', origin: 'http://mlflow.example' },
        200,
      ],
      ['a write of a program', 'POST', {}, 200],
      ['a read, which the site can not see', 'GET', { 'sec-fetch-site': 'cross-site' }, 200],
      ['a link', 'GET', { 'sec-fetch-site': 'none' }, 200],
    ];
    for (const [name, method, headers, status] of cases) {
      it(`${status === 200 ? 'lets through' : 'refuses'} ${name}`, async () => {
        const path = method === 'POST' ? WRITE : READ;
        const lines = Object.entries(headers).map(([header, value]) => `${header}: ${value}\r\n`);
        const basic = Buffer.from(`ada:${gateway.key.key}`).toString('base64');
        const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\nAuthorization: Basic ${basic}\r\n`;
        const answer = parseAnswer(await sendRaw(gateway.port, `${head}${lines.join('')}\r\n`));
        assert.equal(answer.status, status, answer.body);
        if (status === 200) assert.equal(upstream.requests.at(-1)?.headers.origin, undefined);
        else assert.equal(JSON.parse(answer.body).type, 'urn:hokusai:error:foreign_origin');
      });
    }

    it('refuses to spend money even for a GET', async () => {
      const response = await ask('/mlflow/gateway/x', { headers: { 'sec-fetch-site': 'cross-site' } });
      assert.equal(await reasonOf(response), 'foreign_origin');
    });
  });

  it('are no verdict on a key that can not be checked: 503', async () => {
    const failing = await startGateway({
      upstreamUrl: upstream.url,
      lookup: {
        find: () =>
          Promise.reject(new HokusaiError('unavailable', "can't know", { reason: 'keys_unavailable' })),
      },
    });
    try {
      const response = await fetch(failing.url + READ, { headers: { 'x-api-key': failing.key.key } });
      assert.equal(response.status, 503);
      assert.equal(response.headers.get('retry-after'), '5');
      assert.equal(response.headers.get('www-authenticate'), null);
      assert.deepEqual([failing.refusals, failing.anonymous, failing.usage], [[], [], []]);
    } finally {
      await failing.close();
    }
  });

  it('are not needed on excluded paths, where nobody is asking', async () => {
    const open = await startGateway({ upstreamUrl: upstream.url, excluded: ['/mlflow/*'] });
    try {
      assert.equal((await fetch(open.url + READ)).status, 200);
      assert.equal(upstream.requests.at(-1)?.headers['x-hokusai-user'], undefined);
      assert.equal((await fetch(`${open.url}/mlflow/api/3.0/mlflow/assistant/config`)).status, 403);
      const foreign = { method: 'POST', headers: { 'sec-fetch-site': 'cross-site' } };
      assert.equal(await reasonOf(await fetch(open.url + WRITE, foreign)), 'foreign_origin');
      assert.equal((await fetch(open.url + WRITE, { method: 'POST' })).status, 200);
    } finally {
      await open.close();
    }
  });
});
