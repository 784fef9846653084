import assert from 'node:assert/strict';
import fc from 'fast-check';
import { type Block, contains, format, isAllowed, parseBlock } from './addresses.ts';

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

describe('isAllowed', () => {
  it('allows any address without blocks, else those in one of them', () => {
    assert.ok(isAllowed('203.0.113.9', []));
    assert.ok(isAllowed('10.1.2.3', ['192.168.0.0/16', '10.0.0.0/8']));
    assert.ok(isAllowed('::ffff:10.1.2.3', ['10.0.0.0/8']));
    assert.ok(!isAllowed('11.1.2.3', ['10.0.0.0/8']));
    assert.ok(!isAllowed('not an address', ['0.0.0.0/0']));
  });
});
