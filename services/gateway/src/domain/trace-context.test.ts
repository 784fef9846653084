import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { randomHexFrom } from './random-hex.ts';
import { traceContext } from './trace-context.ts';

const randomHex = randomHexFrom(randomBytes);
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const PARENT = '00f067aa0ba902b7';

describe('traceContext', () => {
  const continued: [string, string][] = [
    [`00-${TRACE}-${PARENT}-01`, '01'],
    [`00-${TRACE}-${PARENT}-00`, '00'],
    [`00-${TRACE}-${PARENT}-ff`, '01'],
    [`cc-${TRACE}-${PARENT}-01-what-comes-later`, '01'],
  ];
  for (const [inbound, flags] of continued) {
    it(`continues ${inbound}`, () => {
      const { traceId, traceparent, continued: isContinued } = traceContext(inbound, randomHex);
      assert.equal(traceId, TRACE);
      assert.equal(isContinued, true);
      assert.match(traceparent, new RegExp(`^00-${TRACE}-[0-9a-f]{16}-${flags}$`));
      assert.ok(!traceparent.includes(PARENT));
    });
  }

  const invalid = [
    undefined,
    '',
    'nonsense',
    `ff-${TRACE}-${PARENT}-01`,
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01-more`,
    `00-${TRACE.slice(1)}-${PARENT}-01`,
  ];
  for (const inbound of invalid) {
    it(`begins a trace for ${inbound}`, () => {
      const { traceId, traceparent, continued: isContinued } = traceContext(inbound, randomHex);
      assert.equal(isContinued, false);
      assert.notEqual(traceId, TRACE);
      assert.match(traceparent, new RegExp(`^00-${traceId}-[0-9a-f]{16}-00$`));
    });
  }
});
