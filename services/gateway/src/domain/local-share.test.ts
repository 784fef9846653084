import assert from 'node:assert/strict';
import fc from 'fast-check';
import { shareOf } from './local-share.ts';

const gateways = fc.uniqueArray(fc.uuid(), { minLength: 1, maxLength: 12 });

describe('the local share of a limit', () => {
  it('adds up to the limit over gateways that know the same ones, in whatever order, each within one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2_147_483_647 }), fc.uuid(), gateways, (limit, id, all) => {
        const shares = all.map((self, index) =>
          shareOf(limit, id, self, [...all.slice(index), ...all.slice(0, index)]),
        );
        assert.equal(
          shares.reduce((sum, share) => sum + share, 0),
          limit,
        );
        assert.ok(Math.max(...shares) - Math.min(...shares) <= 1);
      }),
    );
  });

  it('is the whole limit for a gateway that knows of no other', () => {
    assert.equal(shareOf(7, 'key', 'self', []), 7);
    assert.equal(shareOf(7, 'key', 'self', ['self']), 7);
  });

  it('gives the remainders of different keys to different gateways', () => {
    const all = ['a', 'b', 'c', 'd'];
    const ids = Array.from({ length: 400 }, (_, index) => `key ${index}`);
    for (const self of all) {
      const count = ids.filter((id) => shareOf(1, id, self, all) === 1).length;
      assert.ok(count > 60 && count < 140, `${self} has ${count} of 400`);
    }
  });

  it('changes for few keys when a gateway leaves: remainders of the others stay where they are', () => {
    fc.assert(
      fc.property(fc.uuid(), gateways, (id, all) => {
        const holder = all.find((self) => shareOf(1, id, self, all) === 1) as string;
        const left = all.filter((gateway) => gateway === holder || gateway < holder);
        assert.equal(shareOf(1, id, holder, left), 1);
      }),
    );
  });
});
