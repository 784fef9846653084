import assert from 'node:assert/strict';
import fc from 'fast-check';
import { bar } from './bars.ts';
import { widthOf } from './width.ts';

describe('a bar', () => {
  it('is as long as its share', () => {
    assert.equal(bar(1, 4, 'unicode'), '████');
    assert.equal(bar(0.5, 3, 'unicode'), '█▌');
    assert.equal(bar(0.5, 4, 'ascii'), '##');
  });

  it('shows what is not nothing, and nothing else', () => {
    assert.equal(bar(0.0001, 4, 'unicode'), '▏');
    assert.equal(bar(0.0001, 4, 'ascii'), '#');
    assert.equal(bar(0, 4, 'unicode'), '');
    assert.equal(bar(0 / 0, 4, 'ascii'), '');
    assert.equal(bar(1, 4, 'none'), '');
  });

  it('is never longer than it may be', () => {
    const ink = fc.constantFrom('ascii', 'unicode');
    fc.assert(
      fc.property(fc.double({ noNaN: true }), fc.integer({ min: 1, max: 60 }), ink, (share, width, with_) => {
        assert.ok(widthOf(bar(share, width, with_)) <= width);
      }),
    );
  });
});
