import { addPattern, emptyTrie, type PathTrie } from './path-trie.ts';

/** The templates that the paths of an upstream are counted under. */
export interface EndpointTable {
  /**
   * The template of the route that a path takes (`/api/3.0/mlflow/traces/{trace_id}/tags`), or, where
   * there is no such route, the longest known beginning followed by `**`. Either way one of a number that
   * the table bounds, whatever is asked for. A final `/` makes no difference.
   */
  find(segments: readonly string[]): string;
}

/** Compiles a list of routes: `{id}` takes one segment, `{name:path}` takes all that follows. */
export function endpointTable(routes: readonly string[]): EndpointTable {
  const trie = emptyTrie<string>();
  for (const route of routes) addRoute(trie, route);
  return {
    find(segments) {
      const subject = segments.length > 1 && segments.at(-1) === '' ? segments.slice(0, -1) : segments;
      return lookUp(trie, subject, 0) ?? `${knownBeginning(trie, subject, 0)}/**`;
    },
  };
}

function addRoute(trie: PathTrie<string>, route: string): void {
  const parts = route.replace(/(?<=.)\/$/, '').split('/');
  const open = parts.findIndex((part) => part.endsWith(':path}'));
  const named = (open < 0 ? parts : parts.slice(0, open + 1)).map((part) =>
    part.replace(/^\{(\w+).*$/, '{$1}'),
  );
  const pattern = named.map((part, at) => patternOf(part, at === open)).join('/');
  addPattern(trie, pattern, named.join('/'));
}

function patternOf(part: string, open: boolean): string {
  if (open) return '**';
  return part.startsWith('{') ? '*' : part;
}

/** Fixed segments before parameters, parameters before rests, the first route of several. */
function lookUp(node: PathTrie<string>, segments: readonly string[], at: number): string | undefined {
  const segment = segments[at];
  if (segment === undefined) return node.here[0];
  const fixed = node.fixed.get(segment);
  return (
    (fixed && lookUp(fixed, segments, at + 1)) ??
    (node.any && lookUp(node.any, segments, at + 1)) ??
    node.rest[0]
  );
}

function knownBeginning(node: PathTrie<string>, segments: readonly string[], at: number): string {
  const segment = segments[at];
  if (segment === undefined) return '';
  const fixed = node.fixed.get(segment);
  if (fixed !== undefined) return `/${segment}${knownBeginning(fixed, segments, at + 1)}`;
  return node.any === undefined ? '' : `/*${knownBeginning(node.any, segments, at + 1)}`;
}
