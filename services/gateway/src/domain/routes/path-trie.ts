/**
 * Path patterns compiled into a tree by segments, so that finding those that fit a path takes as many
 * steps as the path has segments, however many patterns there are.
 *
 * A pattern is a path in which `*` stands for one segment, a final `**` for any rest (also none), and
 * `{a,b/c}` for one of the alternatives.
 */
export interface PathTrie<T> {
  /** Values of the patterns that end here. */
  readonly here: T[];
  /** Values of the patterns that end here in `**`. */
  readonly rest: T[];
  readonly fixed: Map<string, PathTrie<T>>;
  any: PathTrie<T> | undefined;
}

export function emptyTrie<T>(): PathTrie<T> {
  return { here: [], rest: [], fixed: new Map(), any: undefined };
}

/** Adds a value under a pattern. */
export function addPattern<T>(trie: PathTrie<T>, pattern: string, value: T): void {
  for (const alternative of expand(pattern)) {
    const segments = alternative.slice(1).split('/');
    const open = segments.at(-1) === '**';
    const end = (open ? segments.slice(0, -1) : segments).reduce(child, trie);
    (open ? end.rest : end.here).push(value);
  }
}

/** Calls `found` with the value of every pattern that fits the segments. */
export function findAll<T>(
  trie: PathTrie<T>,
  segments: readonly string[],
  found: (value: T) => void,
  at = 0,
): void {
  for (const value of trie.rest) found(value);
  const segment = segments[at];
  if (segment === undefined) {
    for (const value of trie.here) found(value);
    return;
  }
  const fixed = trie.fixed.get(segment);
  if (fixed !== undefined) findAll(fixed, segments, found, at + 1);
  if (trie.any !== undefined) findAll(trie.any, segments, found, at + 1);
}

/**
 * Calls `found` with the length, in segments, of every beginning of the path that a pattern fits; `isOpen`:
 * as it fits all longer ones.
 */
export function findBeginnings(
  trie: PathTrie<unknown>,
  segments: readonly string[],
  found: (length: number, isOpen: boolean) => void,
  at = 0,
): void {
  if (trie.rest.length > 0) found(at, true);
  if (trie.here.length > 0) found(at, false);
  const segment = segments[at];
  if (segment === undefined) return;
  const fixed = trie.fixed.get(segment);
  if (fixed !== undefined) findBeginnings(fixed, segments, found, at + 1);
  if (trie.any !== undefined) findBeginnings(trie.any, segments, found, at + 1);
}

function child<T>(trie: PathTrie<T>, segment: string): PathTrie<T> {
  if (segment === '*') {
    trie.any ??= emptyTrie();
    return trie.any;
  }
  const known = trie.fixed.get(segment) ?? emptyTrie<T>();
  trie.fixed.set(segment, known);
  return known;
}

/** The pattern with each of its `{a,b}` replaced by each alternative. */
function expand(pattern: string): string[] {
  const braces = /^(.*?)\{([^{}]*)\}(.*)$/.exec(pattern);
  if (braces === null) return [pattern];
  const [, before = '', alternatives = '', after = ''] = braces;
  return alternatives.split(',').flatMap((each) => expand(before + each + after));
}
