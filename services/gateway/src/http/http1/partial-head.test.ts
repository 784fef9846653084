import assert from 'node:assert/strict';
import fc from 'fast-check';
import { MalformedAnswer } from './errors.ts';
import { PartialHead } from './partial-head.ts';

/** The head in these pieces, and how much of the last one belongs to it; undefined if it is not whole. */
function gather(...pieces: string[]): { text: string; end: number } | undefined {
  const head = new PartialHead();
  for (const piece of pieces) {
    const end = head.take(Buffer.from(piece, 'latin1'), 0);
    if (end >= 0) return { text: head.text, end };
  }
  return undefined;
}

describe('a head that comes in pieces', () => {
  const HEAD = 'HTTP/1.1 200 OK\r\nX: y';

  it('is whole with its empty line, and what follows is left', () => {
    assert.equal(gather(HEAD), undefined);
    assert.deepEqual(gather(HEAD, '\r\n\r\nbody'), { text: HEAD, end: 4 });
    const bytes = Buffer.from(`before${HEAD}\r\n\r\nbody`);
    assert.equal(new PartialHead().take(bytes, 6), bytes.length - 4);
  });

  it('is the same wherever it is cut', () => {
    const whole = `${HEAD}\r\n\r\n`;
    fc.assert(
      fc.property(fc.array(fc.nat({ max: whole.length })), (places) => {
        const ends = [...places.sort((a, b) => a - b), whole.length];
        const pieces = ends.map((end, index) => whole.slice(ends[index - 1] ?? 0, end));
        assert.equal(gather(...pieces)?.text, HEAD);
      }),
    );
    assert.equal(gather(...whole)?.text, HEAD, 'byte by byte');
  });

  for (const [name, text] of [
    ['of another protocol', 'SSH'],
    ['of HTTP/2', 'HTTP/2'],
    ['with an empty line before it', '\r\nHTTP/1.1'],
    ['whose line ends without a CR', 'HTTP/1.1 200 OK\n'],
    ['whose empty line has no CR', 'HTTP/1.1 200 OK\r\nX: y\r\n\n'],
    ['of more than 64 KiB', `HTTP/1.1 200 OK\r\nX: ${'y'.repeat(66_000)}`],
  ] as const)
    it(`is given up as soon as it is one ${name}`, () => {
      assert.throws(() => gather(text), MalformedAnswer);
      assert.throws(() => gather(...text), MalformedAnswer, 'byte by byte');
    });
});
