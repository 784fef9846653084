import assert from 'node:assert/strict';
import { readAnswerHead } from './answer-head.ts';
import { MalformedAnswer } from './errors.ts';

const LENGTH = 'HTTP/1.1 200 OK\r\nContent-Length: 5';

describe('the head of an answer', () => {
  it('is read as it came, but for the space around values', () => {
    const head = readAnswerHead(
      'HTTP/1.1 404 Not \xe4 Found\r\nX-One: \t a b \t\r\nx-two:\r\nSet-Cookie: a\r\nSet-Cookie: b',
      'GET',
    );
    assert.deepEqual(head, {
      ...{ status: 404, reason: 'Not \xe4 Found', body: 'until-close', isLast: true, keepAliveMs: undefined },
      rawHeaders: ['X-One', 'a b', 'x-two', '', 'Set-Cookie', 'a', 'Set-Cookie', 'b'],
    });
  });

  it('may have no reason, and no header', () => {
    for (const text of ['HTTP/1.1 200', 'HTTP/1.1 200 '])
      assert.partialDeepStrictEqual(readAnswerHead(text, 'GET'), { status: 200, reason: '', rawHeaders: [] });
  });

  describe('says where the body ends', () => {
    const bodyOf = (text: string, method = 'GET') => readAnswerHead(text, method).body;

    it('by its length', () => assert.equal(bodyOf(LENGTH), 5));
    it('by chunks, however that is written', () => {
      assert.equal(bodyOf('HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked'), 'chunked');
    });
    it('with the connection', () => assert.equal(bodyOf('HTTP/1.1 200 OK'), 'until-close'));
    it('at once, where there is none whatever the head says', () => {
      assert.equal(bodyOf(LENGTH, 'HEAD'), 0);
      for (const status of [100, 103, 304])
        assert.equal(bodyOf(LENGTH.replace('200', String(status))), 0, String(status));
    });
  });

  describe('says whether the connection can be used again', () => {
    const isLast = (lines: string, version = '1.1') =>
      readAnswerHead(`HTTP/${version} 200 OK\r\nContent-Length: 0${lines}`, 'GET').isLast;

    it('by itself', () => assert.equal(isLast(''), false));
    it('not if it closes', () => {
      assert.equal(isLast('\r\nConnection: x, Close'), true);
      assert.equal(isLast('\r\nConnection: x-close'), false);
    });
    it('not after a body that was announced, and must not come: it might, and pass for the next answer', () => {
      const of = (method: string, status: number, field: string) =>
        readAnswerHead(`HTTP/1.1 ${status} Any\r\n${field}`, method).isLast;
      for (const field of ['Content-Length: 5', 'Transfer-Encoding: chunked'])
        assert.deepEqual([of('HEAD', 200, field), of('GET', 304, field)], [true, true], field);
      for (const field of ['Content-Length: 0', 'X-Any: 1'])
        assert.deepEqual(
          [of('HEAD', 200, field), of('GET', 304, field), of('GET', 204, field)],
          [false, false, false],
        );
    });
    it('not with HTTP/1.0', () => assert.equal(isLast('\r\nConnection: keep-alive', '1.0'), true));
    it('and for how long', () => {
      const { keepAliveMs } = readAnswerHead(`${LENGTH}\r\nKeep-Alive: timeout=7, max=9`, 'GET');
      assert.equal(keepAliveMs, 7000);
    });
  });

  const malformed: [name: string, text: string][] = [
    ['another protocol', 'SSH-2.0-OpenSSH_9.2'],
    ['no content, of five bytes', LENGTH.replace('200', '204')],
    ['no content, in chunks', 'HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked'],
    ['HTTP/2', 'HTTP/2 200 OK'],
    ['a status of two digits', 'HTTP/1.1 20 OK'],
    ['a status below 100', 'HTTP/1.1 099 OK'],
    ['a status with more behind it', 'HTTP/1.1 2000 OK'],
    ['a control character in the reason', 'HTTP/1.1 200 O\x00K'],
    ['a bare LF in the reason', 'HTTP/1.1 200 OK\nContent-Length: 5'],
    ['a line without a colon', `${LENGTH}\r\nno field`],
    ['a field without a name', `${LENGTH}\r\n: x`],
    ['a space before the colon', `${LENGTH}\r\nX : y`],
    ['a folded line', `${LENGTH}\r\nX: a\r\n b`],
    ['a bare LF in a value', `${LENGTH}\r\nX: a\nY: b`],
    ['a bare CR in a value', `${LENGTH}\r\nX: a\rY: b`],
    ['a NUL in a value', `${LENGTH}\r\nX: a\x00`],
    ['two lengths', `${LENGTH}\r\nContent-Length: 6`],
    ['two lengths that are the same', `${LENGTH}\r\nContent-Length: 5`],
    ['a list of lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 5, 5'],
    ['a length with a sign', 'HTTP/1.1 200 OK\r\nContent-Length: +5'],
    ['a length in hexadecimal', 'HTTP/1.1 200 OK\r\nContent-Length: 0x5'],
    ['an empty length', 'HTTP/1.1 200 OK\r\nContent-Length:'],
    ['a length beyond all bounds', `HTTP/1.1 200 OK\r\nContent-Length: ${'9'.repeat(20)}`],
    ['a length beside chunks', `${LENGTH}\r\nTransfer-Encoding: chunked`],
    ['another transfer coding', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked'],
    ['chunked twice', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked'],
    ['chunks in HTTP/1.0', 'HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked'],
    ['a length beside chunks for a HEAD', `${LENGTH}\r\nTransfer-Encoding: chunked`],
  ];
  for (const [name, text] of malformed)
    it(`is refused with ${name}`, () => {
      assert.throws(() => readAnswerHead(text, name.endsWith('HEAD') ? 'HEAD' : 'GET'), MalformedAnswer);
    });
});
