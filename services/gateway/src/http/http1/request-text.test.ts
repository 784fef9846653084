import assert from 'node:assert/strict';
import { UnsendableRequest } from './errors.ts';
import { requestText } from './request-text.ts';

const GET = { method: 'GET', path: '/a?b=%20c', headers: ['Host', 'x', 'X-One', 'a \xe4'], hasBody: false };

describe('the text of a request', () => {
  it('is its line and its fields, as they are', () => {
    assert.deepEqual(requestText(GET), {
      text: 'GET /a?b=%20c HTTP/1.1\r\nHost: x\r\nX-One: a \xe4\r\n\r\n',
      bodyBytes: 0,
    });
  });

  it('announces a body by its length, or in chunks', () => {
    const put = { method: 'PUT', path: '/', hasBody: true };
    assert.deepEqual(requestText({ ...put, headers: ['Content-Length', '5'] }), {
      text: 'PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\n',
      bodyBytes: 5,
    });
    assert.deepEqual(requestText({ ...put, headers: [] }), {
      text: 'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n',
      bodyBytes: undefined,
    });
  });

  it('says that there is no body, where one is expected', () => {
    const text = (method: string, headers: string[] = []) =>
      requestText({ method, path: '/', headers, hasBody: false }).text;
    for (const method of ['POST', 'PUT', 'PATCH'])
      assert.equal(text(method), `${method} / HTTP/1.1\r\nContent-Length: 0\r\n\r\n`);
    assert.equal(text('POST', ['content-length', '0']), 'POST / HTTP/1.1\r\ncontent-length: 0\r\n\r\n');
    assert.equal(text('DELETE'), 'DELETE / HTTP/1.1\r\n\r\n');
  });

  const unsendable: [name: string, changed: Partial<typeof GET>][] = [
    ['a line break in a value', { headers: ['X', 'a\r\nY: b'] }],
    ['a bare LF in a value', { headers: ['X', 'a\nY: b'] }],
    ['a NUL in a value', { headers: ['X', '\x00'] }],
    ['a character beyond Latin-1', { headers: ['X', '\u010a'] }],
    ['a name with a colon', { headers: ['X: y\r\nZ', 'a'] }],
    ['a name with a space', { headers: ['X ', 'a'] }],
    ['an empty name', { headers: ['', 'a'] }],
    ['a space in its path', { path: '/a b' }],
    ['a line break in its path', { path: '/a\r\nX: y' }],
    ['a character beyond Latin-1 in its path', { path: '/\u0120' }],
    ['a path that is none', { path: 'http://other/' }],
    ['a method with a space', { method: 'GET /x HTTP/1.1\r\n' }],
    ['a transfer coding of its own', { headers: ['Transfer-Encoding', 'chunked'], hasBody: true }],
    ['two lengths', { headers: ['Content-Length', '1', 'content-length', '1'], hasBody: true }],
    ['a length that is no number', { headers: ['Content-Length', '1 '], hasBody: true }],
    ['a length without a body', { headers: ['Content-Length', '1'] }],
  ];
  for (const [name, changed] of unsendable)
    it(`is refused with ${name}`, () => {
      assert.throws(() => requestText({ ...GET, ...changed }), UnsendableRequest);
    });
});
