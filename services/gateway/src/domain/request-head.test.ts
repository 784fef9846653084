import assert from 'node:assert/strict';
import { checkHead } from './request-head.ts';

describe('checkHead', () => {
  const head = (...hosts: string[]) => ({
    method: 'GET',
    httpVersion: '1.1',
    rawHeaders: hosts.flatMap((host) => ['HOST', host]),
    transferEncoding: undefined,
  });

  for (const host of ['x', 'x:80', '127.0.0.1:8080', '[::1]', '[2001:db8::1]:8080', 'x.example.org:', ''])
    it(`takes the host ${host}`, () => checkHead(head(host)));
  for (const host of ['a b', 'user@x', 'x/y', 'x:y', 'x:999999', '[::1', 'x, y', 'x?', 'x\\y'])
    it(`refuses the host ${host}`, () => {
      assert.throws(() => checkHead(head(host)), { code: 'invalid_request', reason: 'ambiguous_head' });
    });

  it('wants one host, but of HTTP/1.0', () => {
    assert.throws(() => checkHead(head()), { reason: 'ambiguous_head' });
    assert.throws(() => checkHead(head('x', 'x')), { reason: 'ambiguous_head' });
    checkHead({ ...head(), httpVersion: '1.0' });
  });

  it('takes no transfer coding but chunked', () => {
    checkHead({ ...head('x'), transferEncoding: ' Chunked' });
    for (const transferEncoding of ['gzip, chunked', 'chunked, chunked', 'identity', ''])
      assert.throws(() => checkHead({ ...head('x'), transferEncoding }), {
        reason: 'unsupported_transfer_coding',
      });
    const old = { ...head('x'), httpVersion: '1.0', transferEncoding: 'chunked' };
    assert.throws(() => checkHead(old), { reason: 'ambiguous_head' });
  });

  it('refuses TRACE', () => {
    assert.throws(() => checkHead({ ...head('x'), method: 'TRACE' }), { reason: 'method_not_allowed' });
  });
});
