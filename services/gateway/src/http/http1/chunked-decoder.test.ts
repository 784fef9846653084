import assert from 'node:assert/strict';
import fc from 'fast-check';
import { ChunkedDecoder } from './chunked-decoder.ts';
import { MalformedAnswer } from './errors.ts';

interface Decoded {
  data: string;
  /** Behind the last byte of the body, or -1. */
  end: number;
  trailers: string[];
}

/** What is read of `text` if it comes in pieces that end at these places. */
function decode(text: string, cuts: readonly number[] = []): Decoded {
  const decoder = new ChunkedDecoder();
  let [data, from] = ['', 0];
  for (const to of [...cuts.toSorted((a, b) => a - b), text.length]) {
    const bytes = Buffer.from(text.slice(from, to), 'latin1');
    const end = decoder.take(bytes, 0, (piece) => {
      data += piece.toString('latin1');
    });
    if (end >= 0) return { data, end: from + end, trailers: decoder.trailers };
    from = to;
  }
  return { data, end: -1, trailers: decoder.trailers };
}

describe('a chunked body', () => {
  it('is read with its trailers, and what follows is left', () => {
    const body = '5\r\nhello\r\nA;x="y"\r\n, world: 1\r\n0\r\nX-Sum: 1 \r\nY:\r\n\r\n';
    const trailers = ['X-Sum', '1', 'Y', ''];
    assert.deepEqual(decode(`${body}HTTP/1.1 200`), { data: 'hello, world: 1', end: body.length, trailers });
  });

  it('is handed over in one piece for each read, however small its chunks are', () => {
    const bytes = Buffer.from(`${'1\r\na\r\n'.repeat(1000)}3\r\nbcd\r\n0\r\n\r\nrest`);
    const pieces: string[] = [];
    const end = new ChunkedDecoder().take(bytes, 0, (piece) => pieces.push(piece.toString()));
    assert.deepEqual(pieces, [`${'a'.repeat(1000)}bcd`]);
    assert.equal(bytes.toString('latin1', end), 'rest');
  });

  it('may be empty', () => assert.deepEqual(decode('0\r\n\r\n'), { data: '', end: 5, trailers: [] }));

  it('may have zeros before its sizes', () => {
    assert.deepEqual(decode(`${'0'.repeat(20)}2\r\nok\r\n000\r\n\r\n`).data, 'ok');
  });

  it('is the same however it is cut into pieces', () => {
    const chunk = fc.string({ unit: 'binary-ascii', minLength: 1, maxLength: 20 });
    const extension = fc.constantFrom('', ';a', ' ; a=b', ';q="1 2"');
    const trailer = fc.constantFrom('', 'X: y\r\n', 'A:\r\nB: c d\r\n');
    const chunks = fc.array(fc.tuple(chunk, extension), { maxLength: 6 });
    fc.assert(
      fc.property(chunks, trailer, fc.array(fc.nat(), { maxLength: 8 }), (parts, trailers, places) => {
        const written = parts.map(([data, more]) => `${data.length.toString(16)}${more}\r\n${data}\r\n`);
        const body = `${written.join('')}0\r\n${trailers}\r\n`;
        const text = `${body}rest`;
        const found = decode(
          text,
          places.map((place) => place % text.length),
        );
        assert.equal(found.data, parts.map(([data]) => data).join(''));
        assert.equal(found.end, body.length);
        assert.equal(found.trailers.length, trailers.split('\r\n').filter(Boolean).length * 2);
      }),
    );
  });

  const malformed: [name: string, text: string][] = [
    ['no size', '\r\n'],
    ['a size that is no number', 'xyz\r\n'],
    ['a negative size', '-5\r\n'],
    ['a size with 0x', '0x5\r\n'],
    ['a space before the size', ' 5\r\n'],
    ['a space behind the size', '5 \r\n'],
    ['a size beyond all bounds', `${'f'.repeat(14)}\r\n`],
    ['a size line that ends with a bare LF', '5\nhello\r\n'],
    ['a bare CR in an extension', '5;a\rb\r\n'],
    ['a size line without end', `5;${'a'.repeat(5000)}`],
    ['a chunk that is longer than its size', '3\r\nhello\r\n'],
    ['a chunk that ends with a bare LF', '5\r\nhello\n'],
    ['a trailer that is no field', '0\r\nno field\r\n\r\n'],
    ['a trailer that ends with a bare LF', '0\r\nX: y\n\n'],
    ['trailers without end', `0\r\n${'X: y\r\n'.repeat(20_000)}`],
  ];
  for (const [name, text] of malformed)
    it(`is refused with ${name}`, () => {
      assert.throws(() => decode(text), MalformedAnswer);
      // However slowly it comes.
      assert.throws(
        () =>
          decode(
            text,
            Array.from({ length: Math.min(text.length, 6000) }, (_, place) => place),
          ),
        MalformedAnswer,
      );
    });
});
