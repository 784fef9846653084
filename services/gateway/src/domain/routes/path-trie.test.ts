import assert from 'node:assert/strict';
import fc from 'fast-check';
import { addPattern, emptyTrie, findAll, findBeginnings } from './path-trie.ts';

function find(patterns: readonly string[], path: string): string[] {
  const trie = emptyTrie<string>();
  for (const pattern of patterns) addPattern(trie, pattern, pattern);
  const found = new Set<string>();
  findAll(trie, path.slice(1).split('/'), (pattern) => found.add(pattern));
  return [...found].sort();
}

describe('path trie', () => {
  it('finds all patterns that fit', () => {
    const patterns = ['/a/b', '/a/*', '/*/b', '/a/**', '/**', '/a/b/c', '/{a,x/y}/b', '/b'];
    assert.deepEqual(find(patterns, '/a/b'), ['/**', '/*/b', '/a/*', '/a/**', '/a/b', '/{a,x/y}/b']);
    assert.deepEqual(find(patterns, '/x/y/b'), ['/**', '/{a,x/y}/b']);
    assert.deepEqual(find(patterns, '/a'), ['/**', '/a/**']);
    assert.deepEqual(find(patterns, '/'), ['/**']);
  });

  it('is not led astray by names of object properties', () => {
    assert.deepEqual(find(['/a'], '/__proto__'), []);
    assert.deepEqual(find(['/constructor/*'], '/constructor/toString'), ['/constructor/*']);
  });

  const segment = fc.constantFrom('a', 'b', 'c');
  const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
  const pattern = fc
    .tuple(
      fc.array(fc.oneof(segment, fc.constantFrom('*', '{a,b}', '{a/b,c}')), { minLength: 1, maxLength: 4 }),
      fc.boolean(),
    )
    .map(([segments, open]) => `/${[...segments, ...(open ? ['**'] : [])].join('/')}`);

  it('finds what a regular expression for each pattern finds', () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 12 }), path, (patterns, asked) => {
        assert.deepEqual(find(patterns, asked), patterns.filter((each) => regExpOf(each).test(asked)).sort());
      }),
      { numRuns: 2000 },
    );
  });

  it('finds all beginnings that a pattern fits, as if each were looked for', () => {
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 12 }), path, (patterns, asked) => {
        const trie = emptyTrie<true>();
        for (const each of patterns) addPattern(trie, each, true);
        const segments = asked.slice(1).split('/');
        const lengths = new Set<number>();
        findBeginnings(trie, segments, (length, isOpen) => {
          for (let each = length; each <= (isOpen ? segments.length : length); each += 1) lengths.add(each);
        });
        for (let length = 0; length <= segments.length; length += 1) {
          let fits = false;
          findAll(trie, segments.slice(0, length), () => {
            fits = true;
          });
          assert.equal(lengths.has(length), fits);
        }
      }),
      { numRuns: 2000 },
    );
  });
});

function regExpOf(pattern: string): RegExp {
  const source = pattern
    .replace(/\{([^}]*)\}/g, (_, alternatives: string) => `(${alternatives.replaceAll(',', '|')})`)
    .replace(/\/\*\*$/, '(/.+)?')
    .replace(/\*(?!\))/g, '[^/]+');
  return new RegExp(`^${source}$`);
}
