import assert from 'node:assert/strict';
import { keyShape, shownSecret } from './key-shape.ts';

const KEY = `hk_live_0123456789ab${'x'.repeat(38)}`;

describe('keyShape', () => {
  const malformed: [what: string, secret: string, problem: RegExp][] = [
    ['quotation marks', `"${KEY}"`, /quotation marks/],
    ['the scheme before it', `Bearer ${KEY}`, /Bearer/],
    ['white space in it', `${KEY.slice(0, 20)} ${KEY.slice(21)}`, /white space/],
    ['a line break after it', `${KEY}\n`, /white space/],
    ['another beginning', `hk_prod_${KEY.slice(8)}`, /hk_live_ or hk_test_/],
    ['too little of it', KEY.slice(0, 57), /57 characters/],
    ['too much of it', `${KEY}x`, /59 characters/],
    ['a sign that no key has', `${KEY.slice(0, 57)}-`, /letters and digits/],
  ];
  for (const [what, secret, problem] of malformed) {
    it(`tells ${what}, without repeating it`, () => {
      const shape = keyShape(secret);
      assert.ok(shape.kind === 'malformed', shape.kind);
      assert.match(shape.problem, problem);
      assert.ok(!shape.problem.includes('x'.repeat(10)));
      assert.ok(!shownSecret(secret).includes('xxx'));
    });
  }
  it('takes keys, live and test, and what may be of another server', () => {
    assert.equal(keyShape(KEY).kind, 'key');
    assert.equal(keyShape(KEY.replace('live', 'test')).kind, 'key');
    assert.equal(keyShape('dapi0123').kind, 'foreign');
    assert.equal(shownSecret(KEY), 'hk_live_0123456789ab');
  });
});
