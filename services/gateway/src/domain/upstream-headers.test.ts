import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type GatewaySays, upstreamHeaders } from './upstream-headers.ts';

const says: GatewaySays = {
  host: 'upstream:5000',
  requestId: 'r1',
  traceparent: '00-x',
  keepsTraceState: false,
  forwarded: { for: '203.0.113.9', proto: 'https', host: 'public', prefix: '/mlflow' },
  identity: { userId: 'u1', keyId: 'k1' },
};

/** Any case, and any of the two characters that WSGI folds. */
function spellings(name: string) {
  return fc
    .array(fc.tuple(fc.boolean(), fc.boolean()), { minLength: name.length, maxLength: name.length })
    .map((choices) =>
      [...name]
        .map((letter, index) => {
          const [isUpper, isFolded] = choices[index] ?? [];
          if (letter === '-') return isFolded ? '_' : '-';
          return isUpper ? letter.toUpperCase() : letter;
        })
        .join(''),
    );
}

const FORBIDDEN = [
  ...[
    'authorization',
    'proxy-authorization',
    'x-api-key',
    'x-hokusai-user',
    'x-hokusai-anything',
    'x-real-ip',
  ],
  ...['x-forwarded-for', 'x-forwarded-proto', 'x-forwarded-host', 'x-forwarded-prefix', 'x-request-id'],
  ...[
    'connection',
    'transfer-encoding',
    'te',
    'trailer',
    'upgrade',
    'keep-alive',
    'expect',
    'origin',
    'host',
  ],
  ...['x-http-method-override', 'x-original-url', 'x-rewrite-url', 'traceparent', 'http2-settings'],
  ...['script-name', 'path-info', 'x-script-name'],
];

describe('upstreamHeaders', () => {
  it('lets nothing through that only the gateway may say, in any spelling, trusted proxy or not', () => {
    const name = fc.constantFrom(...FORBIDDEN).chain(spellings);
    fc.assert(
      fc.property(name, fc.boolean(), (spelt, isTrusted) => {
        const headers = upstreamHeaders(['Accept', '*/*', spelt, 'evil', 'X-Mine', '1'], says, isTrusted);
        assert.ok(!headers.includes('evil'));
        assert.deepEqual(headers.slice(-4), ['Accept', '*/*', 'X-Mine', '1']);
      }),
    );
  });

  it('keeps everything else as it is', () => {
    const name = fc
      .stringMatching(/^[a-zA-Z][a-zA-Z0-9-]{0,20}$/)
      .filter(
        (text) =>
          !FORBIDDEN.includes(text.toLowerCase()) &&
          !/^(x-(forwarded|hokusai)-|forwarded$|tracestate$|x-(http-)?method|x-original)/i.test(text) &&
          !/^(proxy-connection|proxy-authenticate)$/i.test(text),
      );
    fc.assert(
      fc.property(fc.array(fc.tuple(name, fc.stringMatching(/^[\x20-\x7e]{0,40}$/))), (pairs) => {
        const own = upstreamHeaders([], says, false);
        assert.deepEqual(upstreamHeaders(pairs.flat(), says, false), [...own, ...pairs.flat()]);
      }),
    );
  });

  it('says who is asking last of what it sets, and only if somebody is', () => {
    assert.deepEqual(upstreamHeaders([], { ...says, identity: undefined }, false), [
      ...[
        'Host',
        'upstream:5000',
        'X-Request-ID',
        'r1',
        'traceparent',
        '00-x',
        'X-Forwarded-For',
        '203.0.113.9',
      ],
      ...['X-Forwarded-Proto', 'https', 'X-Forwarded-Host', 'public', 'X-Forwarded-Prefix', '/mlflow'],
    ]);
    assert.deepEqual(upstreamHeaders([], says, false).slice(-4), [
      'X-Hokusai-User',
      'u1',
      'X-Hokusai-Key-Id',
      'k1',
    ]);
  });

  it('drops what Connection lists', () => {
    const raw = [
      'Connection',
      'close, X-Mine',
      'x-mine',
      '1',
      'Connection',
      ' x-other ',
      'X-Other',
      '2',
      'X-Third',
      '3',
    ];
    assert.deepEqual(upstreamHeaders(raw, says, false).slice(-2), ['X-Third', '3']);
    assert.ok(!upstreamHeaders(raw, says, false).includes('2'));
  });

  it('keeps the length though Connection lists it', () => {
    const raw = ['Connection', 'Content-Length', 'Content-Length', '3'];
    assert.deepEqual(upstreamHeaders(raw, says, false).slice(-2), ['Content-Length', '3']);
  });

  it('drops whatever holds a key', () => {
    const key = `hk_live_${'a'.repeat(50)}`;
    const escaped = key.replace(/./g, (each) => `%${each.charCodeAt(0).toString(16)}`);
    const spellings = [key, key.replaceAll('_', '%5F'), escaped, escaped.replaceAll('%', '%25')];
    for (const value of [...spellings.map((each) => `http://x/?api_key=${each}`), key, `x ${key} y`])
      assert.ok(!upstreamHeaders(['Referer', value], says, false).includes('Referer'), value);
    assert.ok(!upstreamHeaders([`X-${key}`, '1'], says, false).includes('1'));
    const named = { ...says, forwarded: { ...says.forwarded, host: `${key}.example` } };
    assert.ok(!upstreamHeaders([], named, false).includes('X-Forwarded-Host'));
    assert.ok(upstreamHeaders(['Referer', 'hk_live_abcdefghijkl'], says, false).includes('Referer'));
  });

  it('keeps a trace state only with its trace', () => {
    assert.ok(!upstreamHeaders(['TraceState', 'a=b'], says, false).includes('a=b'));
    assert.ok(
      upstreamHeaders(['TraceState', 'a=b'], { ...says, keepsTraceState: true }, false).includes('a=b'),
    );
  });

  it('keeps what else a trusted proxy says', () => {
    const raw = ['Forwarded', 'for=1', 'X-Forwarded-Port', '443'];
    assert.deepEqual(upstreamHeaders(raw, says, true).slice(-4), raw);
    assert.ok(!upstreamHeaders(raw, says, false).includes('443'));
  });
});
