/** Paths and methods that mean something else to an upstream than to the gateway: merged, or refused. */
import assert from 'node:assert/strict';
import { parseAnswer } from '../support/raw-client.ts';
import { ADMIN, type Ground, READ, WRITE } from './support/ground.ts';

const AMBIGUOUS = 'ambiguous_path';
/** `users/create`, which needs `mlflow:admin`, below the prefix. */
const ADMIN_BELOW = ADMIN.replace('/mlflow/', '');

type Case = [method: string, target: string | Buffer, status: number, reason: string];

const REFUSED: Case[] = [
  ['GET', '/mlflow/%2e%2e/admin', 400, AMBIGUOUS],
  ['GET', '/mlflow/%2E%2E/admin', 400, AMBIGUOUS],
  ['GET', '/mlflow/.%2e/admin', 400, AMBIGUOUS],
  ['GET', '/mlflow/../admin', 400, AMBIGUOUS],
  ['GET', '/mlflow/./admin', 400, AMBIGUOUS],
  ['GET', '/mlflow/..;/', 400, AMBIGUOUS],
  ['GET', '/mlflow/..;x=y/admin', 400, AMBIGUOUS],
  ['GET', '/mlflow/%2e%2e%3b/admin', 400, AMBIGUOUS],
  ['GET', '/mlflow/%2e%2e%2fadmin', 400, AMBIGUOUS],
  ['GET', '/mlflow/static-files/../api/2.0/mlflow/users/get', 400, AMBIGUOUS],
  ['GET', '/mlflow/static-files/..%2f..%2fapi/2.0/mlflow/users/get', 400, AMBIGUOUS],
  ['GET', '/mlflow/static-files/a%2f..%2fb', 400, AMBIGUOUS],
  ['GET', '/mlflow/api/2.0/mlflow/runs%2fget', 400, AMBIGUOUS],
  ['GET', '/mlflow/api%2F2.0/mlflow/runs/get', 400, AMBIGUOUS],
  ['GET', '/mlflow/api/2.0/mlflow-artifacts/artifacts/a%2f%2fb', 400, AMBIGUOUS],
  ['GET', '/mlflow/api/2.0/mlflow/runs%5cget', 400, AMBIGUOUS],
  ['GET', '/mlflow/a\\b', 400, AMBIGUOUS],
  ['GET', '/mlflow\\api', 400, AMBIGUOUS],
  ['GET', '/mlflow/api/2.0/mlflow/runs;x=y/get', 400, AMBIGUOUS],
  ['GET', '/mlflow/api/2.0/mlflow/runs/get;x=y', 400, AMBIGUOUS],
  ['GET', '/mlflow/api;/2.0/mlflow/runs/get', 400, AMBIGUOUS],
  ['GET', '/mlflow/api/2.0/mlflow/runs/g%65t', 400, AMBIGUOUS],
  ['GET', '/mlflow/x#y', 400, AMBIGUOUS],
  ['GET', `${READ}?a#b`, 400, AMBIGUOUS],
  ['GET', '/mlflow/%c0%af', 400, AMBIGUOUS],
  ['GET', '/mlflow/%c0%ae%c0%ae/admin', 400, AMBIGUOUS],
  ['GET', '/mlflow/%e0%80%af', 400, AMBIGUOUS],
  ['GET', '/mlflow/%ed%a0%80', 400, AMBIGUOUS],
  ['GET', '/mlflow/%ff', 400, AMBIGUOUS],
  ['GET', '/mlflow/%zz', 400, AMBIGUOUS],
  ['GET', '/mlflow/%4', 400, AMBIGUOUS],
  ['GET', '/mlflow/%u002e%u002e/admin', 400, AMBIGUOUS],
  ['GET', '/mlflow/a%00', 400, AMBIGUOUS],
  ['GET', '/mlflow/a%0d%0aX:y', 400, AMBIGUOUS],
  ['GET', '/mlflow/a%7f', 400, AMBIGUOUS],
  ['GET', `http://evil${READ}`, 400, AMBIGUOUS],
  ['GET', `//evil${READ}`, 404, 'unknown_route'],
  ['OPTIONS', '*', 400, AMBIGUOUS],
  ['GET', '*', 400, AMBIGUOUS],
  ['GET', 'mlflow/api', 400, 'malformed_request'],
  ['TRACE', READ, 405, 'method_not_allowed'],
  ['CONNECT', 'evil:443', 405, 'method_not_allowed'],
  ['PROPFIND', READ, 405, 'method_not_allowed'],
  ['QUERY', READ, 405, 'method_not_allowed'],
  ['GET', '/mlflow/unheard-of', 404, 'unknown_route'],
  ['GET', '/MLFLOW/api/2.0/mlflow/runs/get', 404, 'unknown_route'],
  ['GET', '/%6dlflow/api/2.0/mlflow/runs/get', 404, 'unknown_route'],
  ['GET', '/mlflow%2fapi/2.0/mlflow/runs/get', 404, 'unknown_route'],
  ['GET', '/mlflowx/api/2.0/mlflow/runs/get', 404, 'unknown_route'],
  ['GET', '/mlflow/API/2.0/mlflow/users/get', 404, 'unknown_route'],
  ['GET', '/mlflow/api/3.0/mlflow/assistant/config', 403, 'route_switched_off'],
  ['POST', ADMIN, 403, 'scope_missing'],
  ['POST', `/mlflow//${ADMIN_BELOW}`, 403, 'scope_missing'],
  ['POST', `${ADMIN}/`, 403, 'scope_missing'],
];

/** What Node itself can't read: answered before there is a request. */
const UNREADABLE: [name: string, line: Buffer][] = [
  ['a NUL', Buffer.from(`GET /mlflow/a\0b HTTP/1.1`)],
  ['a DEL', Buffer.from(`GET /mlflow/a\x7fb HTTP/1.1`)],
  ['a space', Buffer.from(`GET /mlflow/a b HTTP/1.1`)],
  ['a tab', Buffer.from(`GET /mlflow/a\tb HTTP/1.1`)],
  ['a bare CR', Buffer.from(`GET /mlflow/a\rb HTTP/1.1`)],
  ['no path', Buffer.from('GET HTTP/1.1')],
  ['a method in lower case', Buffer.from(`get ${READ} HTTP/1.1`)],
  ['a method that nobody knows', Buffer.from(`FOO ${READ} HTTP/1.1`)],
];

/** Bytes that are no ASCII. Whether Node reads them or not, they are nobody's path. */
const BEYOND_ASCII: [name: string, line: Buffer][] = [
  ['raw UTF-8', Buffer.from(`GET /mlflow/é HTTP/1.1`)],
  ['raw overlong UTF-8', Buffer.from('GET /mlflow/\xc0\xaf HTTP/1.1', 'latin1')],
  ['a raw byte that is no UTF-8', Buffer.from('GET /mlflow/\xff HTTP/1.1', 'latin1')],
];

export function paths(ground: Ground): void {
  describe('that make a path or a method mean something else', () => {
    for (const [method, target, status, reason] of REFUSED) {
      ground.trap(`${method} ${target}: ${status}`, async () => {
        const before = ground.upstream.heads.length;
        const answer = await ground.ask(
          `${method} ${target}`,
          method === 'POST' ? ['Content-Length: 0'] : [],
        );
        assert.equal(answer.status, status, answer.body);
        assert.equal(JSON.parse(answer.body).type, `urn:hokusai:error:${reason}`);
        assert.equal(ground.upstream.heads.length, before);
      });
    }
    for (const [name, line] of [...UNREADABLE, ...BEYOND_ASCII]) {
      ground.trap(`${name} in the request line: 400`, async () => {
        const before = ground.upstream.heads.length;
        const rest = `\r\nHost: x\r\nConnection: close\r\nAuthorization: ${ground.key}\r\n\r\n`;
        const { status } = parseAnswer(await ground.send(Buffer.concat([line, Buffer.from(rest)])));
        assert.equal(status, 400);
        assert.equal(ground.upstream.heads.length, before);
      });
    }
    merging(ground);
    overriding(ground);
  });
}

function merging(ground: Ground): void {
  const merged: [target: string, forwarded: string][] = [
    [`/${READ}`, '/api/2.0/mlflow/runs/get'],
    ['//mlflow//api/2.0/mlflow/runs/get', '/api/2.0/mlflow/runs/get'],
    ['/mlflow//api/2.0/mlflow/runs/get', '/api/2.0/mlflow/runs/get'],
    ['/mlflow/api///2.0/mlflow/runs//get?a=//b&c=../%2e%2e', '/api/2.0/mlflow/runs/get?a=//b&c=../%2e%2e'],
  ];
  for (const [target, forwarded] of merged) {
    ground.trap(`${target} is authorised and forwarded as ${forwarded}`, async () => {
      assert.equal((await ground.ask(`GET ${target}`)).status, 200);
      assert.equal(ground.upstream.heads.at(-1)?.target, forwarded);
    });
  }
}

function overriding(ground: Ground): void {
  const lines = [
    'X-HTTP-Method-Override: DELETE',
    'X-HTTP-Method: DELETE',
    'X-Method-Override: DELETE',
    'X_HTTP_Method_Override: DELETE',
    'X-Original-URL: /api/2.0/mlflow/users/create',
    'X_Original_URL: /api/2.0/mlflow/users/create',
    'X-Original-URI: /api/2.0/mlflow/users/create',
    'X-Rewrite-URL: /api/2.0/mlflow/users/create',
    'X_Rewrite_URL: /api/2.0/mlflow/users/create',
  ];
  for (const line of lines) {
    ground.trap(`${line}, which is believed neither by the gateway nor passed on`, async () => {
      const reader = `Authorization: ${ground.reader}`;
      assert.equal((await ground.ask(`GET ${READ}`, [line, reader])).status, 200);
      const { method, target, raw } = ground.upstream.heads.at(-1) ?? assert.fail('nothing came');
      assert.deepEqual([method, target], ['GET', '/api/2.0/mlflow/runs/get']);
      assert.doesNotMatch(raw, /DELETE|users/);
      const write = await ground.ask(
        `POST ${WRITE}?_method=GET`,
        [line.replace('DELETE', 'GET'), reader],
        '{}',
      );
      assert.equal(write.status, 403);
    });
  }
}
