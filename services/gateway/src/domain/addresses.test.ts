import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addressMatcher } from './addresses.ts';

describe('addressMatcher', () => {
  const cases: [string[], string, boolean][] = [
    [['10.0.0.0/8'], '10.200.3.4', true],
    [['10.0.0.0/8'], '11.0.0.1', false],
    [['10.1.2.3'], '10.1.2.3', true],
    [['10.1.2.3'], '10.1.2.4', false],
    [['2001:db8::/32'], '2001:db8:1::5', true],
    [['2001:db8::/32'], '2001:db9::5', false],
    [['2001:db8::7'], '2001:db8::7', true],
    [['10.0.0.0/8'], '::ffff:10.1.1.1', true],
    [['::ffff:10.0.0.0/104'], '10.9.9.9', true],
    [['::ffff:10.0.0.0/104'], '11.9.9.9', false],
    [['::ffff:10.1.1.1'], '10.1.1.1', true],
    [['0.0.0.0/0'], '2001:db8::1', false],
    [['::/0'], '192.0.2.1', false],
    [['192.0.2.0/24', '2001:db8::/32'], '2001:db8::1', true],
    [['fe80::/10'], 'fe80::1%eth0', true],
    [['nonsense', '10.0.0.0/99'], '10.0.0.1', false],
    [['10.0.0.0/8'], 'nonsense', false],
    [[], '10.0.0.1', false],
  ];
  for (const [blocks, address, expected] of cases) {
    it(`${address} is ${expected ? '' : 'not '}in [${blocks.join(', ')}]`, () => {
      assert.equal(addressMatcher(blocks)(address), expected);
    });
  }

  it('never throws', () => {
    fc.assert(
      fc.property(fc.array(fc.string()), fc.string(), (blocks, address) => {
        addressMatcher(blocks)(address);
      }),
    );
  });

  it('agrees for v4 with the mask computed by hand', () => {
    const word = fc.nat({ max: 0xff_ff_ff_ff });
    fc.assert(
      fc.property(word, word, fc.nat({ max: 32 }), (network, address, bits) => {
        const mask = bits === 0 ? 0 : (0xff_ff_ff_ff << (32 - bits)) >>> 0;
        const expected = (network & mask) >>> 0 === (address & mask) >>> 0;
        assert.equal(addressMatcher([`${dotted(network)}/${bits}`])(dotted(address)), expected);
      }),
    );
  });
});

function dotted(word: number): string {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.');
}
