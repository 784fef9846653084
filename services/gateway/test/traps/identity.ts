/** Who a request comes from, for whom and under which name, is what the gateway says, and nobody else. */
import assert from 'node:assert/strict';
import { type Ground, READ, WRITE } from './support/ground.ts';
import { valuesOf } from './support/strict-reader.ts';

const FORGED = [
  'X-Forwarded-For: 6.6.6.6',
  'x-forwarded-for: 6.6.6.6',
  'X-Forwarded-Host: evil',
  'X-Forwarded-Proto: evil',
  'X-Forwarded-Prefix: /evil',
  'X-Forwarded-Port: 666',
  'X-Forwarded-User: evil',
  'X-Forwarded-Server: evil',
  'Forwarded: for=6.6.6.6;host=evil',
  'X-Real-IP: 6.6.6.6',
  'X-Hokusai-User: evil',
  'X-HOKUSAI-USER: evil',
  'X-Hokusai-Key-Id: evil',
  'X-Hokusai-Role: evil',
  'X_Hokusai_User: evil',
  'X-Hokusai_User: evil',
  'X_HOKUSAI-KEY_ID: evil',
  'X_Forwarded_For: 6.6.6.6',
  'X-Forwarded_For: 6.6.6.6',
  'X_Forwarded_Host: evil',
  'X_Forwarded_Proto: evil',
  'X_Forwarded_Prefix: /evil',
  'X_Real_IP: 6.6.6.6',
  'X_Request_ID: evil',
  'Script_Name: /evil',
  'Script-Name: /evil',
  'Path_Info: /evil',
];

export function identity(ground: Ground): void {
  describe('that forge an identity', () => {
    const got = () => {
      const head = ground.upstream.heads.at(-1);
      assert.ok(head);
      return head;
    };
    const assertOwnWord = (): void => {
      const [state] = ground.states.values();
      assert.deepEqual(valuesOf(got().headers, 'x-hokusai-user'), [state?.owner.userId]);
      assert.deepEqual(valuesOf(got().headers, 'x-hokusai-key-id'), [state?.keyId]);
      assert.deepEqual(valuesOf(got().headers, 'x-forwarded-for'), ['127.0.0.1']);
      assert.deepEqual(valuesOf(got().headers, 'x-forwarded-proto'), ['http']);
      assert.deepEqual(valuesOf(got().headers, 'x-forwarded-prefix'), ['/mlflow']);
    };

    for (const line of FORGED) {
      ground.trap(line, async () => {
        const { status } = await ground.ask(`GET ${READ}?forged`, [line]);
        assert.equal(status, 200);
        assert.equal(got().target, '/api/2.0/mlflow/runs/get?forged');
        assert.doesNotMatch(got().raw, /evil|6\.6\.6\.6|\b666\b/);
        assertOwnWord();
      });
    }

    ground.trap('the same headers on a route that needs no key', async () => {
      const { status } = await ground.ask('GET /mlflow/health', FORGED);
      assert.equal(status, 200);
      assert.doesNotMatch(got().raw, /evil|6\.6\.6\.6|hokusai/i);
    });

    for (const listed of [
      'X-Hokusai-User',
      'X-Hokusai-User, X-Hokusai-Key-Id',
      'x-forwarded-for, X-Forwarded-Proto, x-forwarded-prefix',
      'close, X-Request-ID, traceparent',
      'Host',
      'Content-Length',
      'Authorization, X-API-Key',
    ]) {
      ground.trap(`Connection: ${listed}`, async () => {
        const lines = [`Connection: ${listed}`, 'X-Hokusai-User: evil'];
        const { status, body } = await ground.ask(`POST ${WRITE}`, lines, '{"a":1}');
        assert.equal(status, 200);
        assert.equal(JSON.parse(body.replace(/^[\da-f]+\r\n|\r\n0\r\n\r\n$/g, '')).body, '{"a":1}');
        assert.deepEqual(valuesOf(got().headers, 'content-length'), ['7']);
        assert.equal(valuesOf(got().headers, 'x-request-id').length, 1);
        assertOwnWord();
      });
    }

    ground.trap('Connection listing a header of the client’s own takes it off', async () => {
      await ground.ask(`GET ${READ}`, [
        'Connection: X-Mine',
        'X-Mine: 1',
        'Connection: x-other',
        'X-Other: 1',
      ]);
      assert.doesNotMatch(got().raw, /x-mine|x-other/i);
    });

    ground.trap('hop-by-hop headers, which concern one connection only', async () => {
      const lines = ['TE: gzip', 'Trailer: x', 'Keep-Alive: timeout=5', 'Proxy-Connection: keep-alive'];
      await ground.ask(`GET ${READ}`, lines);
      assert.doesNotMatch(got().raw, /\r\n(te|trailer|keep-alive|proxy-connection):/i);
    });

    hosts(ground);
  });
}

function hosts(ground: Ground): void {
  const authorization = () => `Authorization: ${ground.key}`;
  const cases: [name: string, status: number, head: string][] = [
    ['two Host headers', 400, `GET ${READ} HTTP/1.1\r\nHost: x\r\nHost: evil`],
    ['two equal Host headers', 400, `GET ${READ} HTTP/1.1\r\nHost: x\r\nHost: x`],
    ['two Host headers in different case', 400, `GET ${READ} HTTP/1.1\r\nHost: x\r\nhOST: evil`],
    ['two Host headers of HTTP/1.0', 400, `GET ${READ} HTTP/1.0\r\nHost: x\r\nHost: evil`],
    ['no Host header', 400, `GET ${READ} HTTP/1.1`],
    ['a Host with a path', 400, `GET ${READ} HTTP/1.1\r\nHost: x/evil`],
    ['a Host with a user', 400, `GET ${READ} HTTP/1.1\r\nHost: x@evil`],
    ['a Host of two', 400, `GET ${READ} HTTP/1.1\r\nHost: x, evil`],
    ['a Host with a space', 400, `GET ${READ} HTTP/1.1\r\nHost: x evil`],
    ['a Host against an absolute-form target', 400, `GET http://evil${READ} HTTP/1.1\r\nHost: x`],
    ['an absolute-form target of the same Host', 400, `GET http://x${READ} HTTP/1.1\r\nHost: x`],
    ['a Host behind an underscore', 200, `GET ${READ} HTTP/1.1\r\nHost: x\r\nHo_st: evil`],
    ['a foreign Host', 200, `GET ${READ} HTTP/1.1\r\nHost: evil.example`],
    ['no Host header of HTTP/1.0', 200, `GET ${READ} HTTP/1.0`],
  ];
  for (const [name, status, head] of cases) {
    ground.trap(`${name}: ${status}`, async () => {
      const before = ground.upstream.heads.length;
      const text = await ground.send(`${head}\r\nConnection: close\r\n${authorization()}\r\n\r\n`);
      assert.match(text, new RegExp(`^HTTP/1\\.1 ${status} `));
      const [forwarded, ...others] = ground.upstream.heads.slice(before);
      assert.equal(others.length, 0);
      assert.equal(forwarded !== undefined, status === 200);
      if (forwarded) assert.deepEqual(valuesOf(forwarded.headers, 'host'), [ground.upstream.host]);
    });
  }
}
