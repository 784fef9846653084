import assert from 'node:assert/strict';
import { type AnswerContext, answerHeaders, answerTrailers, rewriteLocation } from './answer-headers.ts';

const context: AnswerContext = {
  requestId: 'r1',
  upstream: { host: 'upstream:5000', basePath: '' },
  publicPrefix: '/mlflow',
  isArtifact: false,
  endsTls: false,
  hasKeyInQuery: false,
  rateLimit: [],
  observation: [],
};

describe('answerHeaders', () => {
  it('keeps all but what was for the connection, and the request id', () => {
    const raw = [
      'Server',
      'uvicorn',
      'connection',
      'keep-alive, X-Hop',
      'x-hop',
      '1',
      'Transfer-Encoding',
      'chunked',
    ];
    raw.push(
      'Trailer',
      'x',
      'Keep-Alive',
      'timeout=5',
      'X-Request-ID',
      'theirs',
      'set-cookie',
      'a',
      'set-cookie',
      'b',
    );
    assert.deepEqual(answerHeaders(raw, context), [
      ...['X-Request-ID', 'r1', 'Server', 'uvicorn', 'set-cookie', 'a', 'set-cookie', 'b'],
    ]);
  });

  it('leaves it to the gateway, where TLS ends, for how long browsers keep to it', () => {
    const raw = ['strict-Transport-Security', 'max-age=0', 'Server', 'x'];
    assert.deepEqual(answerHeaders(raw, { ...context, endsTls: true }).slice(2), ['Server', 'x']);
    assert.deepEqual(answerHeaders(raw, context).slice(2), raw);
  });

  it('replaces what must not be weaker', () => {
    const raw = [
      'content-security-policy',
      'x',
      'X-Content-Type-Options',
      'y',
      'Cache-Control',
      'public',
      'Referrer-Policy',
      'z',
    ];
    assert.deepEqual(answerHeaders(raw, { ...context, isArtifact: true, hasKeyInQuery: true }).slice(2), [
      ...['Content-Security-Policy', 'sandbox', 'X-Content-Type-Options', 'nosniff'],
      ...['Cache-Control', 'no-store', 'Referrer-Policy', 'no-referrer'],
    ]);
    assert.deepEqual(answerHeaders(raw, context).slice(2), raw);
  });
});

describe('rewriteLocation', () => {
  const based = { ...context, upstream: { host: 'upstream:5000', basePath: '/base' } };
  const cases: [location: string, expected: string, where?: AnswerContext][] = [
    ['/x?y#z', '/mlflow/x?y#z'],
    ['http://upstream:5000/x', '/mlflow/x'],
    ['https://UPSTREAM:5000/x', '/mlflow/x'],
    ['http://upstream:5000', '/mlflow/'],
    ['http://upstream:5000?a', '/mlflow/?a'],
    ['//upstream:5000/x', '/mlflow/x'],
    ['http://upstream/x', 'http://upstream/x'],
    ['https://storage.example/x', 'https://storage.example/x'],
    ['x/y', 'x/y'],
    ['?a', '?a'],
    ['/base/x', '/mlflow/x', based],
    ['/base', '/mlflow', based],
    ['/basement', '/mlflow/basement', based],
    ['http://upstream:5000/base/x', '/mlflow/x', based],
  ];
  for (const [location, expected, where = context] of cases)
    it(`${location} becomes ${expected}`, () => assert.equal(rewriteLocation(location, where), expected));
});

describe('answerTrailers', () => {
  it('keeps all but what frames, routes or authenticates, and what the gateway says itself', () => {
    const raw = [
      'X-Sum',
      '1',
      'X-Request-ID',
      'a',
      'RateLimit',
      'a',
      'X-RateLimit-Limit',
      '1',
      'Content-Length',
      '5',
      'Set-Cookie',
      'a',
      'TRANSFER-ENCODING',
      'chunked',
    ];
    assert.deepEqual(answerTrailers(raw), [['X-Sum', '1']]);
  });
});
