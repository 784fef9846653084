import assert from 'node:assert/strict';
import vectors from '../vectors.json' with { type: 'json' };
import { parseKey } from './parse.ts';
import { parseTagRing } from './ring.ts';
import { checkTag } from './tag.ts';

const parsedRing = parseTagRing(vectors.tag_keys.map(({ id, secret }) => `${id}:${secret}`).join(','));
const ring = parsedRing.problem === undefined ? parsedRing.ring : assert.fail(parsedRing.message);

describe('the published vectors', () => {
  for (const { key, tag_key, environment, prefix, tag } of vectors.genuine) {
    it(`${key} was tagged by ${tag_key}`, () => {
      assert.deepEqual(parseKey(key), { environment, prefix, tag });
      assert.equal(checkTag(key, ring), 'genuine');
      assert.equal(
        checkTag(
          key,
          ring.filter(({ id }) => id === tag_key),
        ),
        'genuine',
      );
      assert.equal(
        checkTag(
          key,
          ring.filter(({ id }) => id !== tag_key),
        ),
        'unknown-tag',
      );
    });
  }

  for (const { key, comment } of vectors.unknown_tag) {
    it(`${key} has no tag of the ring: ${comment}`, () => {
      assert.equal(parseKey(key).problem, undefined);
      assert.equal(checkTag(key, ring), 'unknown-tag');
    });
  }

  for (const { text, problem } of vectors.malformed) {
    it(`${JSON.stringify(text)} is no key: ${problem}`, () => assert.equal(parseKey(text).problem, problem));
  }
});
