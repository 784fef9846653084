import assert from 'node:assert/strict';
import { clientPathReader } from './client-path.ts';

const read = clientPathReader(['loopback', '10.0.0.0/8']);

function seen(headers: Record<string, string>) {
  return read({ socket: { remoteAddress: '127.0.0.1' }, headers } as unknown as Parameters<typeof read>[0]);
}

describe('the way a request took', () => {
  it('is believed up to the first that is no trusted proxy', () => {
    const { clientIp, forwardedFor } = seen({ 'x-forwarded-for': '192.0.2.9, 192.0.2.1, 10.0.0.2' });
    assert.deepEqual([clientIp, forwardedFor], ['192.0.2.1', '192.0.2.1, 10.0.0.2, 127.0.0.1']);
  });

  it('is followed over fifty proxies and no more: who stands behind them is unknown', () => {
    const behind = (proxies: number) =>
      seen({ 'x-forwarded-for': ['192.0.2.1', ...Array(proxies).fill('10.0.0.2')].join() });
    assert.equal(behind(50).clientIp, 'unknown');
    assert.equal(behind(49).clientIp, '192.0.2.1');
    const longest = behind(7000);
    assert.equal(longest.clientIp, 'unknown');
    assert.equal(longest.forwardedFor.split(',').length, 52);
  });

  it('begins with the path that a proxy has cut off', () => {
    const prefixes = { '/a': '/a', '/a/': '/a', '/a/b.c//': '/a/b.c', '/x, /y': '/y' };
    for (const [stated, prefix] of Object.entries(prefixes))
      assert.equal(seen({ 'x-forwarded-prefix': stated }).outerPrefix, prefix, stated);
    for (const stated of ['', '/', '//', '//a', '/a//b', 'a', '/a b', '/a?b', '/a/;', '/%2e'])
      assert.equal(seen({ 'x-forwarded-prefix': stated }).outerPrefix, '', stated);
  });

  it('is read in one go, however many slashes there are: at the square of them this would take minutes', () => {
    for (const stated of ['/'.repeat(400_000), `/a${'/'.repeat(400_000)}`, '/a'.repeat(200_000)])
      assert.equal(seen({ 'x-forwarded-prefix': `${stated}!` }).outerPrefix, '');
  });
});
