import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { mintKey } from './mint.ts';
import { mayHoldKey, redactKeys } from './redact.ts';

const { key, prefix } = mintKey('live', [], randomBytes);
const escaped = (text: string) => [...text].map((each) => `%${each.charCodeAt(0).toString(16)}`).join('');

describe('redactKeys', () => {
  it('replaces a key by its prefix wherever it stands', () => {
    const texts = [
      '#',
      'Bearer #',
      '{"authorization":"#"}',
      'GET /x?api_key=#&y=1',
      'a#',
      '#,#',
      `'#'`,
      'key=#;',
      '(#)',
    ];
    for (const text of texts)
      assert.equal(redactKeys(text.replaceAll('#', key)), text.replaceAll('#', prefix));
  });

  it('replaces keys that are cut off, down to one secret character', () => {
    for (let length = 21; length <= key.length; length++) {
      assert.equal(redactKeys(`x ${key.slice(0, length)} y`), `x ${prefix} y`);
    }
    for (let length = 0; length <= 20; length++) {
      assert.equal(redactKeys(`x ${key.slice(0, length)} y`), `x ${key.slice(0, length)} y`);
    }
  });

  it('replaces keys that lost their first characters or have too many', () => {
    assert.equal(redactKeys(`=${key.slice(3)}`), `=${prefix}`);
    assert.equal(redactKeys(`${key}00000`), prefix);
  });

  it('replaces percent-encoded keys, encoded once or more, in part or whole', () => {
    const spellings = [
      key.replaceAll('_', '%5F'),
      key.replaceAll('_', '%5f'),
      key.replaceAll('_', '%255f'),
      escaped(key),
      escaped(key).toUpperCase(),
      escaped(key).replaceAll('%', '%25'),
      escaped(key.slice(0, 30)) + key.slice(30),
      escaped(key.slice(0, 40)),
    ];
    for (const spelling of spellings)
      assert.equal(redactKeys(`?api_key=${spelling}&a=b`), `?api_key=${prefix}&a=b`);
  });

  it('replaces mistyped keys, so that the rest of the secret does not stay', () => {
    for (const slip of ['-', '%2D', '!', '—', '..']) {
      for (let place = 9; place < 40; place++) {
        const redacted = redactKeys(`key "${key.slice(0, place)}${slip}${key.slice(place + 1)}" refused`);
        assert.ok(!redacted.includes(key.slice(42)), `${slip} at ${place}: ${redacted}`);
      }
    }
    assert.ok(!redactKeys(key.toUpperCase()).includes(key.toUpperCase().slice(30)));
  });

  it('replaces Basic credentials', () => {
    const basic = Buffer.from(`alice:${key}`).toString('base64');
    assert.equal(redactKeys(`authorization: Basic ${basic}`), 'authorization: Basic [redacted]');
    assert.equal(redactKeys(`authorization: basic ${basic.slice(0, 50)}`), 'authorization: basic [redacted]');
  });

  it('leaves prefixes and everything else as they are', () => {
    const texts = [
      `key ${prefix} was revoked.`,
      `/api/v1/auth/keys/1/retired-secrets/${prefix}/something/else`,
      `${prefix}: expired`,
      'test_authenticationworks, live_traffic, basic authentication is supported 100% of the time',
      'sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
    ];
    for (const text of texts) assert.equal(redactKeys(text), text);
  });

  it('leaves no secret of any key in any surroundings, and nothing to do a second time', () => {
    const around = fc.string({ unit: fc.constantFrom(...'a1 %2"\'&=_:/{}hklivetest'), maxLength: 20 });
    const pieces = fc.array(around, { minLength: 2, maxLength: 4 });
    fc.assert(
      fc.property(pieces, fc.boolean(), (texts, encode) => {
        const redacted = redactKeys(texts.join(encode ? escaped(key) : key));
        assert.ok(!redacted.includes(key.slice(20)) && !redacted.includes(escaped(key.slice(20))));
        assert.equal(redactKeys(redacted), redacted);
      }),
    );
  });

  it('tells by JSON as a whole that none of its texts has a key', () => {
    const text = fc.string({
      unit: fc.constantFrom(...'a1 %2&=_:/{}hklivetest'.split(''), prefix),
      maxLength: 20,
    });
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        if (mayHoldKey(JSON.stringify(texts))) return;
        for (const each of texts) assert.equal(redactKeys(each), each);
      }),
    );
    assert.ok(!mayHoldKey(JSON.stringify([prefix, { [prefix]: `key ${prefix}` }])));
    for (let length = 21; length <= key.length; length++)
      assert.ok(mayHoldKey(JSON.stringify([prefix, key.slice(0, length)])), `${length} characters`);
  });

  it('takes time in proportion to the text', () => {
    const hostile = [
      '%25'.repeat(20_000),
      'hk_live_'.repeat(8000),
      `hk_live_${'a-'.repeat(30_000)}`,
      `live_${'%41'.repeat(49)}-`.repeat(400),
    ];
    const started = performance.now();
    for (const text of hostile) redactKeys(text);
    // Some milliseconds; a quadratic pattern would take minutes.
    assert.ok(performance.now() - started < 2000);
  });
});
