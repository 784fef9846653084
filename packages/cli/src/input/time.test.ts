import assert from 'node:assert/strict';
import fc from 'fast-check';
import { instantOf, parseDuration, parseWhen, secondsUntil } from './time.ts';

const NOW = Date.parse('2026-11-22T12:00:00Z');

describe('a duration', () => {
  for (const [text, seconds] of [
    ['90d', 7_776_000],
    ['24h', 86_400],
    ['30m', 1800],
    ['45s', 45],
    ['2w', 1_209_600],
    ['1h30m', 5400],
    ['0', 0],
    ['0d', 0],
  ] as const) {
    it(`${text} has ${seconds} seconds`, () => assert.equal(parseDuration(text), seconds));
  }

  for (const text of ['', '90', '-1d', '1.5h', '1y', 'd', '1 d', ' 1d', '1D', '99999999999999999999d']) {
    it(`is not "${text}"`, () => assert.equal(parseDuration(text), undefined));
  }

  it('is the sum of its parts', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (hours, minutes) => {
        assert.equal(parseDuration(`${hours}h${minutes}m`), hours * 3600 + minutes * 60);
      }),
    );
  });
});

describe('a point of time', () => {
  it('is read as so long from now, as a time, or as never', () => {
    assert.deepEqual(parseWhen('1d'), { afterSeconds: 86_400 });
    assert.deepEqual(parseWhen('2027-01-31T12:00:00+02:00'), { at: new Date('2027-01-31T10:00:00Z') });
    assert.equal(parseWhen('never'), 'never');
  });

  for (const text of [
    '2027-01-31',
    '2027-01-31T12:00:00',
    '2027-02-29T12:00:00Z',
    '2027-13-01T12:00:00Z',
    '2027-01-31T25:00:00Z',
    'tomorrow',
    '1767225600',
  ]) {
    it(`is not "${text}"`, () => assert.equal(parseWhen(text), undefined));
  }

  it('reaches the API as RFC 3339, however far it is', () => {
    assert.equal(instantOf({ afterSeconds: 60 }, NOW), '2026-11-22T12:01:00.000Z');
    assert.equal(instantOf({ afterSeconds: Number.MAX_SAFE_INTEGER }, NOW), '9999-12-31T23:59:59.000Z');
    assert.equal(instantOf({ afterSeconds: -Number.MAX_SAFE_INTEGER }, NOW), '0001-01-01T00:00:00.000Z');
    assert.equal(instantOf('never', NOW), null);
  });

  it('is whole seconds away, and not before now', () => {
    assert.equal(secondsUntil({ at: new Date(NOW + 1500) }, NOW), 2);
    assert.equal(secondsUntil({ at: new Date(NOW - 1500) }, NOW), 0);
    assert.equal(secondsUntil({ afterSeconds: 7 }, NOW), 7);
  });
});
