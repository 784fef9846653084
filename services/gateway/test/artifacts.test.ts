/** Files that users have uploaded: a browser must not run them with the rights of whoever looks at them. */
import assert from 'node:assert/strict';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { startGateway, type TestGateway } from './support/gateway.ts';
import { parseAnswer, sendRaw } from './support/raw-client.ts';
import { type HttpUpstream, startHttpUpstream } from './support/upstream.ts';

describe('an artifact', () => {
  let upstream: HttpUpstream;
  let gateway: TestGateway;
  let answer: (incoming: IncomingMessage, outgoing: ServerResponse) => void;

  before(async () => {
    upstream = await startHttpUpstream((incoming, outgoing) => answer(incoming, outgoing));
    gateway = await startGateway({ upstreamUrl: upstream.url, excluded: ['/mlflow/get-artifact'] });
  });
  beforeEach(() => {
    answer = (_, outgoing) => outgoing.writeHead(200, { 'Content-Type': 'text/html' }).end('<script>');
  });
  after(async () => {
    await gateway.close();
    await upstream.close();
  });

  const ask = async (path: string, method = 'GET', ...lines: string[]) => {
    const head = [`${method} /mlflow${path} HTTP/1.1`, 'Host: x', `X-API-Key: ${gateway.key.key}`, ...lines];
    return parseAnswer(await sendRaw(gateway.port, [...head, 'Connection: close', '', ''].join('\r\n')));
  };
  const assertSandboxed = ({ headers }: Awaited<ReturnType<typeof ask>>) => {
    assert.equal(headers['content-security-policy'], 'sandbox');
    assert.equal(headers['x-content-type-options'], 'nosniff');
  };

  const downloads = [
    '/api/2.0/mlflow-artifacts/artifacts/1/a/artifacts/page.html',
    '/api/2.0/mlflow-artifacts/artifacts/1/a%2Fpage.html',
    '/api/2.0/mlflow-artifacts/artifacts/page.html/',
    '/ajax-api/2.0/mlflow-artifacts/artifacts/1/page.svg',
    '//ajax-api//2.0/mlflow-artifacts/artifacts//1/page.svg',
    '/ajax-api/2.0/mlflow/logged-models/m-1/artifacts/files?artifact_file_path=page.html',
    '/ajax-api/2.0/mlflow/get-trace-artifact?request_id=1&path=page.html',
    '/ajax-api/3.0/mlflow/get-trace-artifact?request_id=1&path=page.html',
    '/get-artifact?path=page.html&run_uuid=1',
    '/get-artifact/?path=page.html&run_uuid=1',
    '/model-versions/get-artifact?path=page.html&name=m&version=1',
  ];
  for (const path of downloads)
    it(`is shut in: ${path}`, async () => {
      assertSandboxed(await ask(path));
      assertSandboxed(await ask(path, 'HEAD'));
      assert.equal((await ask(path)).headers['content-type'], 'text/html');
    });

  it('is shut in whatever its status, and whatever the upstream allows it', async () => {
    for (const status of [200, 206, 304, 404, 500]) {
      answer = (_, outgoing) =>
        outgoing
          .writeHead(status, [
            ...['content-security-policy', "default-src 'self'"],
            ...['Content-Security-Policy', 'sandbox allow-scripts allow-same-origin'],
            ...['X-CONTENT-TYPE-OPTIONS', 'no'],
          ])
          .end();
      assertSandboxed(await ask('/get-artifact?path=x', 'GET', 'Range: bytes=0-3'));
    }
  });

  it('is shut in where nobody needs a key, too', async () => {
    const { status, headers } = await fetch(`${gateway.url}/mlflow/get-artifact?path=x`);
    assert.deepEqual([status, headers.get('content-security-policy')], [200, 'sandbox']);
  });

  for (const path of ['/', '/static-files/static/js/main.js', '/api/2.0/mlflow/artifacts/list'])
    it(`is not what comes from ${path}, which keeps its own policy`, async () => {
      answer = (_, outgoing) =>
        outgoing.writeHead(200, { 'Content-Security-Policy': "default-src 'self'" }).end();
      const { headers } = await ask(path);
      assert.equal(headers['content-security-policy'], "default-src 'self'");
      assert.equal(headers['x-content-type-options'], undefined);
    });
});
