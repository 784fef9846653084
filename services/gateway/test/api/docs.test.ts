/** The page to read the API's description: whole, from here only, and without inline script. */
import assert from 'node:assert/strict';
import { startApi, type TestApi } from '../support/api.ts';

const PAGE = '/api/v1/docs';

describe('the reader of the API description', () => {
  let api: TestApi;
  let html: string;

  before(async () => {
    api = await startApi({ trustedProxies: ['loopback'] });
    html = await (await get(PAGE)).text();
  });
  after(() => api.close());

  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${api.gateway.url}${path}`, { headers, redirect: 'manual' });
  const references = () =>
    [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, reference]) => String(reference));

  it('is a page without inline script or style, and without anything from elsewhere', async () => {
    const { status, headers } = await get(PAGE);
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'text/html; charset=utf-8');
    assert.doesNotMatch(html, /<style|style=|\son\w+=|<script(?! src="docs\/[\w.-]+"><\/script>)/);
    for (const reference of references()) assert.match(reference, /^(docs\/[\w.-]+|openapi\.json)$/);
  });

  it('is bound to that by its policy, as is all that it loads', async () => {
    const assets = references().filter((reference) => reference.startsWith('docs/'));
    for (const path of [PAGE, ...assets.map((reference) => `/api/v1/${reference}`)]) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /^default-src 'none'; script-src 'self'; style-src 'self'; /, path);
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      assert.match(policy, /frame-ancestors 'none'/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.ok(headers.get('x-request-id'));
    }
  });

  it('finds everything that it refers to', async () => {
    const types = await Promise.all(
      references().map(async (reference) => {
        const response = await get(`/api/v1/${reference}`);
        assert.equal(response.status, 200, reference);
        assert.ok((await response.arrayBuffer()).byteLength > 100, reference);
        return `${reference} ${response.headers.get('content-type')?.split(';')[0]}`;
      }),
    );
    assert.deepEqual(types, [
      'docs/favicon-32x32.png image/png',
      'docs/swagger-ui.css text/css',
      'openapi.json application/json',
      'docs/swagger-ui-bundle.js text/javascript',
      'docs/start.js text/javascript',
    ]);
    assert.match(await (await get(`${PAGE}/start.js`)).text(), /openapi\.json/);
  });

  it('is loaded once', async () => {
    const first = await get(`${PAGE}/swagger-ui-bundle.js`);
    const etag = first.headers.get('etag') ?? '';
    const again = await get(`${PAGE}/swagger-ui-bundle.js`, { 'if-none-match': etag });
    assert.equal(again.status, 304);
    assert.equal(again.headers.get('content-length'), null);
    const head = await fetch(`${api.gateway.url}${PAGE}/swagger-ui-bundle.js`, { method: 'HEAD' });
    assert.equal(head.headers.get('content-length'), first.headers.get('content-length'));
  });

  it('knows the prefix that a trusted proxy has cut off', async () => {
    const behind = { 'x-forwarded-prefix': '/team' };
    const slash = await get(`${PAGE}/`, behind);
    assert.deepEqual([slash.status, slash.headers.get('location')], [308, '/team/api/v1/docs']);
    const serversOf = async (headers: Record<string, string>) =>
      ((await (await get('/api/v1/openapi.json', headers)).json()) as { servers: unknown }).servers;
    assert.deepEqual(await serversOf(behind), [{ url: '/team' }]);
    assert.deepEqual(await serversOf({}), [{ url: '/' }]);
    assert.deepEqual(await serversOf({ 'x-forwarded-prefix': '//evil.example' }), [{ url: '/' }]);
  });
});
