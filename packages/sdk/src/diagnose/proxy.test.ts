import assert from 'node:assert/strict';
import { proxyFor } from './proxy.ts';

const HTTPS_PROXY = 'http://ada:secret@proxy.example:3128';

describe('proxyFor', () => {
  const named = (url: string, env: Record<string, string>) => proxyFor(new URL(url), env);

  it('finds the one for the scheme, small letters first, without its password', () => {
    assert.deepEqual(named('https://h', { HTTPS_PROXY }), {
      variable: 'HTTPS_PROXY',
      host: 'proxy.example:3128',
    });
    assert.equal(named('https://h', { HTTPS_PROXY, https_proxy: 'other:1' })?.host, 'other:1');
    assert.equal(named('http://h', { HTTPS_PROXY }), undefined);
    assert.equal(named('http://h', { ALL_PROXY: 'socks5://all:1080' })?.variable, 'ALL_PROXY');
    assert.equal(named('https://h', {}), undefined);
  });

  const cases: [url: string, exceptions: string, isDirect: boolean][] = [
    ['https://h.example', '*', true],
    ['https://h.example', 'h.example', true],
    ['https://h.example', 'other, H.EXAMPLE', true],
    ['https://h.example', 'example', true],
    ['https://h.example', '.example', true],
    ['https://notexample', 'example', false],
    ['https://h.example:8443', 'h.example:8443', true],
    ['https://h.example', '', false],
    ['http://10.1.2.3', '10.0.0.0/8', true],
    ['http://10.1.2.3', '10.1.2.0/24,192.0.2.1', true],
    ['http://10.1.2.3', '10.2.0.0/16', false],
    ['http://10.1.2.3', '10.1.2.3/nonsense', false],
    ['http://10.1.2.3', '2.3', false],
  ];
  for (const [url, exceptions, isDirect] of cases) {
    it(`${isDirect ? 'leaves out' : 'keeps'} ${url} with NO_PROXY=${exceptions}`, () => {
      const env = { ALL_PROXY: 'p:1', NO_PROXY: exceptions };
      assert.equal(named(url, env) === undefined, isDirect);
    });
  }
});
