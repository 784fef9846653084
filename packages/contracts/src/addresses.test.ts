import assert from 'node:assert/strict';
import fc from 'fast-check';
import {
  addressMatcher,
  type Block,
  contains,
  format,
  isAllowed,
  parseBlock,
  UNKNOWN_ADDRESS,
} from './addresses.ts';

function block(text: string): Block {
  const parsed = parseBlock(text);
  return typeof parsed === 'string' ? assert.fail(`${text}: ${parsed}`) : parsed;
}

const ipv4 = fc.ipV4();
const ipv6 = fc.ipV6();
const withLength = (address: fc.Arbitrary<string>, bits: number) =>
  fc.tuple(address, fc.integer({ min: 0, max: bits })).map(([text, length]) => {
    const parsed = parseBlock(`${text}/${length}`);
    // A refusal for its host bits names the block that was meant.
    return typeof parsed === 'string' ? (/did you mean (\S+)\?/.exec(parsed)?.[1] ?? parsed) : format(parsed);
  });
const anyBlock = fc.oneof(withLength(ipv4, 32), withLength(ipv6, 128));

describe('parseBlock', () => {
  it('reads blocks and single addresses, and writes them in one form', () => {
    const cases = {
      '10.0.0.0/8': '10.0.0.0/8',
      '192.168.1.7': '192.168.1.7/32',
      '0.0.0.0/0': '0.0.0.0/0',
      '2001:DB8:0::/32': '2001:db8::/32',
      '::1': '::1/128',
      '::/0': '::/0',
      '::ffff:10.1.2.3': '10.1.2.3/32',
      '::ffff:10.0.0.0/104': '10.0.0.0/8',
    };
    for (const [text, expected] of Object.entries(cases)) assert.equal(format(block(text)), expected);
  });

  it('refuses what is ambiguous, and says what was meant where it can', () => {
    const refused = [
      '',
      '10.0.0.1/33',
      '::1/129',
      '10.1',
      '010.0.0.1',
      '0x0a.0.0.1',
      '10.0.0.0/08',
      '10.0.0.0/',
    ];
    for (const text of [
      ...refused,
      '10.0.0.0/8/8',
      'fe80::1%eth0',
      'example.org',
      '10.0.0.0/-1',
      ' 10.0.0.1',
    ]) {
      assert.equal(typeof parseBlock(text), 'string', text);
    }
    assert.match(String(parseBlock('10.0.0.5/8')), /did you mean 10\.0\.0\.0\/8\?/);
    assert.match(String(parseBlock('2001:db8::1/32')), /did you mean 2001:db8::\/32\?/);
  });

  it('never throws, and reads back what it wrote', () => {
    fc.assert(fc.property(fc.string(), (text) => void parseBlock(text)));
    fc.assert(fc.property(anyBlock, (text) => assert.equal(format(block(text)), text)));
  });
});

describe('contains', () => {
  it('is an order: everything lies in itself, and what lies in the inner lies in the outer', () => {
    fc.assert(
      fc.property(anyBlock, anyBlock, anyBlock, (a, b, c) => {
        assert.ok(contains(block(a), block(a)));
        if (contains(block(a), block(b)) && contains(block(b), block(c)))
          assert.ok(contains(block(a), block(c)));
        if (contains(block(a), block(b)) && contains(block(b), block(a))) assert.equal(a, b);
      }),
    );
  });

  it('agrees with arithmetic on IPv4', () => {
    const numberOf = (text: string) => text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
    fc.assert(
      fc.property(withLength(ipv4, 32), ipv4, (outer, address) => {
        const [network = '', length = ''] = outer.split('/');
        const size = 2 ** (32 - Number(length));
        const isInside = Math.floor(numberOf(network) / size) === Math.floor(numberOf(address) / size);
        assert.equal(contains(block(outer), block(address)), isInside);
      }),
    );
  });

  it('keeps the two families apart', () => {
    assert.ok(!contains(block('::/0'), block('10.0.0.1')));
    assert.ok(!contains(block('0.0.0.0/0'), block('::1')));
  });
});

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
    [['fe80::/10'], 'fe80::1%eth0', false],
    [['nonsense', '10.0.0.0/99'], '10.0.0.1', false],
    [['10.0.0.0/8'], 'nonsense', false],
    [['0.0.0.0/0', '::/0'], UNKNOWN_ADDRESS, false],
    [['10.0.0.0/8'], '10.0.0.0/16', false],
    [['10.0.0.5/8'], '10.0.0.5', false],
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
        const block = `${dotted((network & mask) >>> 0)}/${bits}`;
        assert.equal(addressMatcher([block])(dotted(address)), expected);
      }),
    );
  });
});

describe('isAllowed', () => {
  it('allows any address without blocks, else those in one of them', () => {
    assert.ok(isAllowed('203.0.113.9', []));
    assert.ok(isAllowed('10.1.2.3', ['192.168.0.0/16', '10.0.0.0/8']));
    assert.ok(isAllowed('::ffff:10.1.2.3', ['10.0.0.0/8']));
    assert.ok(!isAllowed('11.1.2.3', ['10.0.0.0/8']));
    assert.ok(!isAllowed('not an address', ['0.0.0.0/0']));
  });
});

function dotted(word: number): string {
  return [24, 16, 8, 0].map((shift) => (word >>> shift) & 255).join('.');
}
