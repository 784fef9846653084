/** What was worked out about a path, kept for the next request to the same one. */
import type { CanonicalPath } from './canonical-path.ts';
import type { RouteDecision, RoutePolicy } from './route-policy.ts';

/** Of most clients all requests go to a few paths: what differs is in the query. */
const CAPACITY = 2000;
const LONGEST = 256;

/** The same function, of a text without anything else that matters; the same text has the same object as answer. */
export function rememberingTexts<Result extends object>(
  compute: (text: string) => Result,
): (text: string) => Result {
  let known = new Map<string, Result>();
  return (text) => {
    const found = known.get(text);
    if (found) return found;
    const result = compute(text);
    if (text.length > LONGEST) return result;
    // All at once: which ones are still asked for shows at once, too, and nobody has to count uses.
    if (known.size >= CAPACITY) known = new Map();
    known.set(text, result);
    return result;
  };
}

/** The same policy, which thinks once about each path object and method. */
export function rememberingPaths(policy: RoutePolicy): RoutePolicy {
  const known = new WeakMap<CanonicalPath, { endpoint: string; decisions: Map<string, RouteDecision> }>();
  const about = (path: CanonicalPath) => {
    let entry = known.get(path);
    if (!entry) {
      entry = { endpoint: policy.endpointOf(path), decisions: new Map() };
      known.set(path, entry);
    }
    return entry;
  };
  return {
    scopeFor(method, path) {
      const { decisions } = about(path);
      let decision = decisions.get(method);
      if (!decision) {
        decision = policy.scopeFor(method, path);
        decisions.set(method, decision);
      }
      return decision;
    },
    endpointOf: (path) => about(path).endpoint,
  };
}
