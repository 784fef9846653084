/** Wherever a client puts its key, it gets no further than the gateway: not to the upstream, nor into any record. */
import assert from 'node:assert/strict';
import { parseAnswer } from '../support/raw-client.ts';
import { ADMIN, type Ground, READ, WRITE } from './support/ground.ts';

type Spell = (key: string) => string;

const basic: Spell = (key) => Buffer.from(`ada:${key}`).toString('base64');
const escapedUnderscores: Spell = (key) => key.replaceAll('_', '%5f');
const escaped: Spell = (key) =>
  [...key].map((each) => `%${each.charCodeAt(0).toString(16).padStart(2, '0')}`).join('');
const escapedTwice: Spell = (key) => escaped(key).replaceAll('%', '%25');

export function credentials(ground: Ground): void {
  describe('that let a key leak', () => {
    acceptedPlaces(ground);
    strayPlaces(ground);
    addresses(ground);
    refusedKeys(ground);
    ownAnswers(ground);
  });
}

/** The upstream tells the client all that it got: what leaks shows in both. */
function repeatAll(ground: Ground): void {
  ground.upstream.answer = (incoming, outgoing) => {
    incoming.resume();
    const headers = {
      Location: incoming.url ?? '',
      'X-Repeated': encodeURIComponent(incoming.rawHeaders.join()),
    };
    outgoing.writeHead(302, headers).end();
  };
}

async function assertReaches(ground: Ground, target: string, lines: string[]): Promise<void> {
  repeatAll(ground);
  const before = ground.upstream.requests.length;
  const text = await ground.send(ground.request(`GET ${target}`, lines));
  const { status } = parseAnswer(text.replace(/^HTTP\/1\.1 100 .*?\r\n\r\n/s, ''));
  assert.equal(status, 302, text);
  assert.equal(ground.upstream.requests.length, before + 1);
}

function acceptedPlaces(ground: Ground): void {
  const places: [name: string, target: Spell, lines: (key: string) => string[]][] = [
    ['Bearer', () => READ, (key) => [`Authorization: Bearer ${key}`]],
    ['Bearer in other case', () => READ, (key) => [`AUTHORIZATION: bEARER ${key}`]],
    ['Authorization without a scheme', () => READ, (key) => [`authorization: ${key}`]],
    ['Basic', () => READ, (key) => [`Authorization: Basic ${basic(key)}`]],
    ['X-API-Key', () => READ, (key) => [`X-API-Key: ${key}`]],
    ['X-API-Key in other case', () => READ, (key) => [`x-api-KEY: ${key}`]],
    ['the query', (key) => `${READ}?a=1&api_key=${key}&b=%20`, () => []],
    ['the query, under an encoded name', (key) => `${READ}?%61pi_key=${key}`, () => []],
    ['the query, encoded', (key) => `${READ}?api_key=${escaped(key)}`, () => []],
    ['the query, twice', (key) => `${READ}?api_key=${key}&b&api_key=${key}`, () => []],
    [
      'two equal Authorization headers',
      () => READ,
      (key) => [`Authorization: ${key}`, `Authorization: ${key}`],
    ],
    [
      'all places at once',
      (key) => `${READ}?api_key=${key}`,
      (key) => [`X-API-Key: ${key}`, `Authorization: Bearer ${key}`, `authorization: Basic ${basic(key)}`],
    ],
  ];
  for (const [name, target, lines] of places) {
    ground.trap(name, () => assertReaches(ground, target(ground.key), lines(ground.key)));
  }

  ground.trap('Expect: 100-continue, with a key and a forged identity', async () => {
    repeatAll(ground);
    const lines = ['Expect: 100-continue', 'X-Hokusai-User: root', `X-API-Key: ${ground.key}`];
    const text = await ground.send(ground.request(`POST ${WRITE}`, lines, '{}'));
    assert.match(text, /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 302 /);
    assert.doesNotMatch(text, /root/);
    assert.doesNotMatch(ground.upstream.heads.at(-1)?.raw ?? '', /root|expect/i);
  });
}

/** Beside the accepted place, in headers where nobody looks for a key. */
function strayPlaces(ground: Ground): void {
  const lines: [name: string, line: Spell][] = [
    ['Proxy-Authorization', (key) => `Proxy-Authorization: Bearer ${key}`],
    ['Proxy-Authorization as Basic', (key) => `Proxy-Authorization: Basic ${basic(key)}`],
    ['X_API_Key', (key) => `X_API_Key: ${key}`],
    ['X-API_Key', (key) => `X-API_Key: ${key}`],
    ['Proxy_Authorization', (key) => `Proxy_Authorization: Basic ${basic(key)}`],
    ['Cookie', (key) => `Cookie: token=${key}; a=b`],
    ['Referer', (key) => `Referer: http://x${READ}?api_key=${key}`],
    ['Referer, with underscores escaped', (key) => `Referer: http://x/?api_key=${escapedUnderscores(key)}`],
    ['Referer, wholly escaped', (key) => `Referer: http://x/?api_key=${escaped(key)}`],
    ['Referer, escaped twice', (key) => `Referer: http://x/?api_key=${escapedTwice(key)}`],
    ['User-Agent', (key) => `User-Agent: mlflow ${key}`],
    ['Origin', (key) => `Origin: http://${key}`],
    ['X-Request-ID', (key) => `X-Request-ID: ${key}`],
    ['traceparent', (key) => `traceparent: ${key}`],
    ['tracestate', (key) => `tracestate: vendor=${key}`],
    ['X-Forwarded-For', (key) => `X-Forwarded-For: ${key}`],
    ['X-Forwarded-Host', (key) => `X-Forwarded-Host: ${key}`],
    ['Connection', (key) => `Connection: ${key}`],
    ['the name of a header', (key) => `${key}: x`],
    ['a part of the name of a header', (key) => `X-${key}-Y: x`],
    ['a header of its own', (key) => `X-My-Token: ${key}`],
  ];
  for (const [name, line] of lines)
    ground.trap(`a second copy in ${name}`, () =>
      assertReaches(ground, READ, [line(ground.key), `Authorization: Bearer ${ground.key}`]),
    );

  ground.trap('a second copy in Host', async () => {
    repeatAll(ground);
    const request = ground.request(`GET ${READ}`).replace('gateway.example', `${ground.key}.example`);
    assert.notEqual(parseAnswer(await ground.send(request)).status, 0);
  });

  ground.trap('a copy on a public route', async () => {
    await assertReaches(ground, `/mlflow/health?api_key=${ground.key}`, [
      `Authorization: Basic ${basic(ground.key)}`,
      `X-API-Key: ${ground.key}`,
    ]);
    assert.doesNotMatch(ground.upstream.heads.at(-1)?.raw ?? '', /hokusai/i);
  });
}

/** Where the upstream would log it with the address: refused. */
function addresses(ground: Ground): void {
  const targets: [name: string, target: Spell][] = [
    ['another parameter', (key) => `${READ}?note=${key}`],
    ['another parameter, with underscores escaped', (key) => `${READ}?note=${escapedUnderscores(key)}`],
    ['another parameter, wholly escaped', (key) => `${READ}?note=${escaped(key)}`],
    ['another parameter, escaped twice', (key) => `${READ}?note=${escapedTwice(key)}`],
    ['the name of a parameter', (key) => `${READ}?${key}`],
    ['a parameter after a semicolon', (key) => `${READ}?a=1;api_key=${key}`],
    ['a parameter of a public route', (key) => `/mlflow/health?a=1;api_key=${key}`],
    ['the path of an artifact', (key) => `/mlflow/api/2.0/mlflow-artifacts/artifacts/${key}`],
    ['the path, escaped', (key) => `/mlflow/api/2.0/mlflow-artifacts/artifacts/${escaped(key)}`],
  ];
  for (const [name, target] of targets) {
    ground.trap(`a copy in ${name} is refused`, async () => {
      const before = ground.upstream.requests.length;
      const { status, body } = await ground.ask(`GET ${target(ground.key)}`);
      assert.equal(status, 400, body);
      assert.equal(JSON.parse(body).type, 'urn:hokusai:error:misplaced_key');
      assert.equal(ground.upstream.requests.length, before);
    });
  }
}

function refusedKeys(ground: Ground): void {
  const cases: [name: string, status: number, lines: () => string[]][] = [
    ['an unknown key', 401, () => [`Authorization: Bearer ${ground.stranger()}`]],
    ['a revoked key', 403, () => [`X-API-Key: ${ground.add({ revokedAtMs: 1_750_000_000_000 })}`]],
    ['a key that is cut off', 401, () => [`Authorization: Bearer ${ground.key.slice(0, -1)}`]],
    ['a key with a letter too many', 401, () => [`Authorization: Bearer ${ground.key}x`]],
    ['a key with a slip in it', 401, () => [`X-API-Key: ${ground.key.slice(0, 40)}-${ground.key.slice(40)}`]],
    ['a key under another scheme', 401, () => [`Authorization: Digest username="${ground.key}"`]],
    [
      'Basic with the key as user',
      401,
      () => [`Authorization: Basic ${Buffer.from(`${ground.key}:`).toString('base64')}`],
    ],
    ['Basic that is no base64', 401, () => [`Authorization: Basic ${ground.key}`]],
    ['two different keys', 400, () => [`Authorization: ${ground.key}`, `X-API-Key: ${ground.reader}`]],
    [
      'two Authorization headers',
      400,
      () => [`Authorization: ${ground.key}`, `Authorization: ${ground.reader}`],
    ],
    [
      'a key and another token',
      401,
      () => [`Authorization: ${ground.key}`, 'Authorization: Bearer eyJhbGciOi'],
    ],
    ['a key that lacks a scope', 403, () => [`Authorization: ${ground.reader}`]],
  ];
  for (const [name, status, lines] of cases) {
    ground.trap(`${name}, which is refused with ${status}`, async () => {
      const before = ground.upstream.requests.length;
      const answer = await ground.ask(`POST ${WRITE}`, [...lines(), 'Content-Length: 0']);
      assert.equal(answer.status, status, answer.body);
      assert.equal(ground.upstream.requests.length, before);
    });
  }
}

/** Of the gateway itself: its redirect, its errors, its management API. */
function ownAnswers(ground: Ground): void {
  ground.trap('the redirect into MLflow', async () => {
    const { status, headers } = await ground.ask(`GET /mlflow?a=%20&api_key=${ground.key}&b`);
    assert.deepEqual([status, headers['location']], [308, '/mlflow/?a=%20&b']);
  });

  const requests: [name: string, request: () => string][] = [
    ['the redirect, with a key elsewhere', () => ground.request(`GET /mlflow?note=${ground.key}`)],
    [
      'the redirect, with a key elsewhere, escaped',
      () => ground.request(`GET /mlflow?note=${escaped(ground.key)}`),
    ],
    ['a route that there is not', () => ground.request(`GET /mlflow/${ground.key}`)],
    ['an address that there is not', () => ground.request(`GET /${ground.key}?${ground.key}`)],
    ['an ambiguous path', () => ground.request(`GET /mlflow/..;/${ground.key}`)],
    ['a method that there is not', () => ground.request(`PROPFIND /mlflow/${ground.key}`)],
    ['a head that can not be read', () => `GET /mlflow/${ground.key} HTTP/1.1\r\nX : ${ground.key}\r\n\r\n`],
    ['a request line that can not be read', () => `${ground.key} / HTTP/1.1\r\n\r\n`],
    ['an administrator’s route', () => ground.request(`POST ${ADMIN}?note`, [], `{"x":"${ground.key}"}`)],
    ['whoami', () => ground.request('GET /api/v1/auth/whoami')],
    [
      'whoami with the key in the query',
      () => ground.request(`GET /api/v1/auth/whoami?api_key=${ground.key}`),
    ],
    ['a key in the path of the management API', () => ground.request(`GET /api/v1/auth/keys/${ground.key}`)],
    [
      'a key in a query of the management API',
      () => ground.request(`GET /api/v1/auth/keys?cursor=${ground.key}`),
    ],
    [
      'a key in a body of the management API',
      () =>
        ground.request(
          'POST /api/v1/auth/keys',
          ['Content-Type: application/json'],
          `{"nam":"${ground.key}"}`,
        ),
    ],
    [
      'a body of the management API that is no JSON',
      () => ground.request('POST /api/v1/auth/keys', ['Content-Type: application/json'], `{${ground.key}`),
    ],
  ];
  for (const [name, request] of requests) {
    ground.trap(`the answer to ${name}`, async () => {
      const before = ground.upstream.requests.length;
      const { status, body } = parseAnswer(await ground.send(request()));
      assert.ok(status === 308 || status === 200 || (status >= 400 && status !== 500), `${status} ${body}`);
      assert.equal(ground.upstream.requests.length, before);
    });
  }
}
